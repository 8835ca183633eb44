using System.Text;
using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Listings, whole and streamed, and what happens when they fail.</summary>
public sealed class ListTests
{
    private static readonly Unavailable Failure = new(QuorumKind.R, 3, 2);

    [Fact]
    public async Task A_stream_is_one_object_per_chunk()
    {
        await using var service = await Service.Start();
        service.Node.Pages = [Page(false, "a", "b"), Page(false), Page(true, "c+<&")];
        var answer = await service.Ask("GET", "/buckets/b/keys?keys=stream");
        Assert.Equal((200, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(["{\"keys\":[\"a\",\"b\"]}", "{\"keys\":[]}", "{\"keys\":[\"c+<&\"]}"], RawHttp.Chunks(answer));
        Assert.Equal("{\"keys\":[\"a\",\"b\",\"c+<&\"]}", (await service.Ask("GET", "/buckets/b/keys?keys=true")).Body);
    }

    [Theory]
    [InlineData("/buckets?buckets=true")]
    [InlineData("/buckets?buckets=stream")]
    [InlineData("/buckets/b/keys?keys=true")]
    [InlineData("/buckets/b/keys?keys=stream")]
    [InlineData("/riak/b?keys=stream")]
    public async Task A_failure_before_the_first_page_is_503(string target)
    {
        await using var service = await Service.Start();
        service.Node.Pages = [Failure];
        Assert.Equal(503, (await service.Ask("GET", target)).Status);
    }

    [Fact]
    public async Task A_failure_later_is_503_for_a_whole_list_and_a_last_object_in_a_stream()
    {
        await using var service = await Service.Start();
        service.Node.Pages = [Page(false, "a"), Failure];
        Assert.Equal(503, (await service.Ask("GET", "/buckets/b/keys?keys=true")).Status);
        var chunks = RawHttp.Chunks(await service.Ask("GET", "/buckets/b/keys?keys=stream")).ToList();
        Assert.Equal(["{\"keys\":[\"a\"]}", $"{{\"error\":\"{Failure.Sentence}\"}}"], chunks);
    }

    [Fact]
    public async Task The_old_form_streams_properties_first()
    {
        await using var service = await Service.Start();
        service.Node.Pages = [Page(true, "a")];
        var chunks = RawHttp.Chunks(await service.Ask("GET", "/riak/b?keys=stream")).ToList();
        Assert.StartsWith("{\"props\":{\"name\":\"b\"", chunks[0]);
        Assert.Equal("{\"keys\":[\"a\"]}", chunks[1]);
        Assert.Equal("{}", (await service.Ask("GET", "/riak/b?props=false")).Body);
    }

    [Fact]
    public async Task Keys_that_are_not_text_are_percent_encoded_and_all_others_are_themselves()
    {
        await using var service = await Service.Start();
        service.Node.Pages =
        [
            new Listing("b", [new byte[] { 0xFF, (byte)'a', 0 }, "é\"\n\u0001"u8.ToArray(), "%FF"u8.ToArray()], true),
        ];
        var keys = (await service.Json("/buckets/b/keys?keys=true")).GetProperty("keys");
        Assert.Equal(["%FFa%00", Encoding.Latin1.GetString("é\"\n\u0001"u8), "%FF"], keys.EnumerateArray().Select(static k => k.GetString()));
    }

    [Theory]
    [InlineData("/buckets", 400)]
    [InlineData("/buckets?buckets=yes", 400)]
    [InlineData("/buckets?buckets=true&timeout=x", 400)]
    [InlineData("/buckets/b/keys?keys=true&timeout=-1", 400)]
    [InlineData("/buckets/b/keys?keys=no", 200)]
    public async Task Bad_parameters(string target, int status)
    {
        await using var service = await Service.Start();
        Assert.Equal(status, (await service.Ask("GET", target)).Status);
    }

    [Fact]
    public async Task Head_does_not_list()
    {
        await using var service = await Service.Start();
        service.Node.Pages = [Failure];
        var head = await service.Ask("HEAD", "/buckets/b/keys?keys=true");
        Assert.Equal((200, "application/json"), (head.Status, head.Header("Content-Type")));
    }

    private static Listing Page(bool last, params string[] names) =>
        new("b", [.. names.Select(static n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(n))], last);
}
