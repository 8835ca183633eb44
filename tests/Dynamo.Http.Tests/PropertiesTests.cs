using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Bucket properties: what is read, what is refused, what stays.</summary>
public sealed class PropertiesTests
{
    private const string Json = "Content-Type: application/json";

    [Theory]
    [InlineData("{\"n_val\":0}", "n_val is 0; it must be 1 to 16")]
    [InlineData("{\"n_val\":17}", "n_val is 17")]
    [InlineData("{\"n_val\":\"3\"}", "n_val must be an integer")]
    [InlineData("{\"n_val\":2.5}", "n_val must be an integer")]
    [InlineData("{\"n_val\":99999999999}", "n_val must be an integer")]
    [InlineData("{\"r\":4}", "r is 4")]
    [InlineData("{\"r\":0}", "r is 0")]
    [InlineData("{\"w\":true}", "w must be an integer or one of the words")]
    [InlineData("{\"dw\":-1}", "dw must be an integer")]
    [InlineData("{\"pr\":\"most\"}", "pr must be an integer")]
    [InlineData("{\"pw\":null}", "pw must be an integer")]
    [InlineData("{\"n_val\":2,\"w\":3}", "w is 3; it must be 1 to 2")]
    [InlineData("{\"allow_mult\":1}", "allow_mult must be true or false")]
    [InlineData("{\"last_write_wins\":\"true\"}", "last_write_wins must be true or false")]
    public async Task Wrong_values_are_400_with_a_sentence_and_change_nothing(string props, string says)
    {
        await using var service = await Service.Start();
        var answer = await service.Ask("PUT", "/buckets/b/props", $"{{\"props\":{props}}}", Json);
        Assert.Equal(400, answer.Status);
        Assert.Contains(says, answer.Body);
        Assert.Equal(BucketProperties.Standard, service.Node.Properties("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"props\":[]}")]
    [InlineData("{\"props\":{\"n_val\":2}")]
    [InlineData("{\"props\":{\"r\":\"\\ud800\"}}")]
    [InlineData("\u00ff\u00fe")]
    public async Task Anything_but_an_object_of_objects_is_400(string body)
    {
        await using var service = await Service.Start();
        Assert.Equal(400, (await service.Ask("PUT", "/buckets/b/props", body, Json)).Status);
    }

    [Fact]
    public async Task What_is_not_named_stays_and_what_is_shown_can_be_put_back()
    {
        await using var service = await Service.Start();
        const string first = """{"props":{"n_val":5,"r":1,"w":"all","pr":"quorum","pw":0,"dw":"one","precommit":[{"mod":"x"}]}}""";
        Assert.Equal(204, (await service.Ask("PUT", "/buckets/b/props", first, Json)).Status);
        Assert.Equal(204, (await service.Ask("PUT", "/riak/b", """{"props":{"notfound_ok":false,"allow_mult":false}}""", Json)).Status);
        var expected = new BucketProperties
        {
            NVal = 5, R = QuorumSize.One, W = QuorumSize.All, PR = QuorumSize.Quorum, PW = QuorumSize.Zero, DW = QuorumSize.One,
            NotFoundOk = false, AllowMult = false,
        };
        Assert.Equal(expected, service.Node.Properties("b"));

        var shown = await service.Ask("GET", "/buckets/b/props");
        Assert.Equal(
            """{"props":{"name":"b","allow_mult":false,"basic_quorum":false,"dw":1,"last_write_wins":false,"n_val":5"""
            + ""","notfound_ok":false,"pr":"quorum","pw":0,"r":1,"w":"all"}}""",
            shown.Body);
        Assert.Equal(204, (await service.Ask("PUT", "/buckets/c/props", shown.Body, Json)).Status);
        Assert.Equal(expected, service.Node.Properties("c"));

        Assert.Equal(204, (await service.Ask("DELETE", "/buckets/b/props")).Status);
        Assert.Equal(BucketProperties.Standard, service.Node.Properties("b"));
    }

    [Theory]
    [InlineData("application/json", 204)]
    [InlineData("Application/JSON; charset=utf-8", 204)]
    [InlineData("text/plain", 415)]
    [InlineData("rubbish", 415)]
    public async Task Properties_are_json(string type, int status)
    {
        await using var service = await Service.Start();
        Assert.Equal(status, (await service.Ask("PUT", "/buckets/b/props", """{"props":{}}""", $"Content-Type: {type}")).Status);
    }

    [Fact]
    public async Task A_store_that_refuses_is_503_and_a_huge_body_413()
    {
        await using var service = await Service.Start();
        service.Node.PropertiesError = "The disk is full.";
        var refused = await service.Ask("PUT", "/buckets/b/props", """{"props":{"n_val":2}}""", Json);
        Assert.Equal((503, "The disk is full.\n"), (refused.Status, refused.Body));
        Assert.Equal(503, (await service.Ask("DELETE", "/buckets/b/props")).Status);
        Assert.Equal(413, (await service.Ask("PUT", "/buckets/b/props", new string(' ', 70_000), Json)).Status);
        Assert.Equal(400, (await service.Ask("GET", $"/buckets/{new string('b', 256)}/props")).Status);
    }
}
