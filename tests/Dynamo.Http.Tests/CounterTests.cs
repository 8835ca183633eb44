using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Counters as Riak 1.4 served them.</summary>
public sealed class CounterTests
{
    private const string Target = "/buckets/b/counters/k";

    [Fact]
    public async Task What_is_posted_is_added_and_a_get_shows_the_sum()
    {
        await using var service = await Service.Start();
        var missing = await service.Ask("GET", Target);
        Assert.Equal((404, "not found\n"), (missing.Status, missing.Body));

        var added = await service.Ask("POST", Target, "5");
        Assert.Equal((204, ""), (added.Status, added.Body));
        Assert.Null(added.Header("X-Riak-Vclock"));
        var shown = await service.Ask("POST", Target + "?returnvalue=true", "-12");
        Assert.Equal((200, "text/plain", "-7"), (shown.Status, shown.Header("Content-Type"), shown.Body));
        var read = await service.Ask("GET", Target);
        Assert.Equal((200, "text/plain", "-7"), (read.Status, read.Header("Content-Type"), read.Body));
        Assert.Equal(200, (await service.Ask("HEAD", Target)).Status);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("+1", 1)]
    [InlineData("-1\n", -1)]
    [InlineData(" \t42\r\n", 42)]
    [InlineData("007", 7)]
    [InlineData("0", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public async Task Whole_numbers_are_read(string body, long delta)
    {
        await using var service = await Service.Start();
        Assert.Equal(204, (await service.Ask("POST", Target, body)).Status);
        Assert.Equal(delta, Assert.IsType<IncrementRequest>(Assert.Single(service.Node.Requests)).Delta);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("one")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("1 2")]
    [InlineData("- 1")]
    [InlineData("--1")]
    [InlineData("1,000")]
    [InlineData("(5)")]
    [InlineData("9223372036854775808")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("\u00b2")]
    public async Task Anything_else_is_400_and_counts_nothing(string body)
    {
        await using var service = await Service.Start();
        var refused = await service.Ask("POST", Target, body);
        Assert.Equal(400, refused.Status);
        Assert.Contains("whole number", refused.Body);
        Assert.Empty(service.Node.Requests);
    }

    [Fact]
    public async Task It_takes_the_parameters_of_objects()
    {
        await using var service = await Service.Start();
        await service.Ask("POST", Target + "?w=3&pw=1&dw=2&timeout=500", "1");
        await service.Ask("GET", Target + "?r=1&pr=2&notfound_ok=false&basic_quorum=true");
        Assert.Equal(
            new PutOptions
            {
                W = QuorumSize.Of(3), PW = QuorumSize.Of(1), DW = QuorumSize.Of(2), Timeout = TimeSpan.FromMilliseconds(500),
            },
            Assert.IsType<IncrementRequest>(service.Node.Requests[0]).Options);
        Assert.Equal(
            new GetOptions { R = QuorumSize.Of(1), PR = QuorumSize.Of(2), NotFoundOk = false, BasicQuorum = true },
            Assert.IsType<GetRequest>(service.Node.Requests[1]).Options);
        Assert.Equal(400, (await service.Ask("GET", Target + "?r=9")).Status);
        Assert.Equal(400, (await service.Ask("POST", Target + "?w=x", "1")).Status);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_bucket_that_keeps_no_siblings_is_409(bool allowMult, bool lastWriteWins)
    {
        await using var service = await Service.Start();
        await service.Node.SetProperties("b", new BucketProperties { AllowMult = allowMult, LastWriteWins = lastWriteWins });
        foreach (var answer in new[] { await service.Ask("GET", Target), await service.Ask("POST", Target, "1") })
        {
            Assert.Equal(409, answer.Status);
            Assert.StartsWith("Counters require bucket property 'allow_mult=true'", answer.Body);
        }

        Assert.Empty(service.Node.Requests);
    }

    [Fact]
    public async Task Siblings_that_are_no_entries_count_for_nothing()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("12"));
        service.Node.Seed("b", "k", new Value { ContentType = CounterEntry.ContentType, Body = "+x -1"u8.ToArray() });
        Assert.Equal(404, (await service.Ask("GET", Target)).Status);
        service.Node.Seed("b", "k", new CounterEntry(ulong.MaxValue, 0).ToValue());
        service.Node.Seed("b", "k", new CounterEntry(ulong.MaxValue, 0).ToValue());
        Assert.Equal("36893488147419103230", (await service.Ask("GET", Target)).Body);
    }

    [Fact]
    public async Task An_entry_is_an_object_too_and_a_counter_is_deleted_as_one()
    {
        await using var service = await Service.Start();
        await service.Ask("POST", Target, "5");
        var entry = await service.Ask("GET", "/buckets/b/keys/k");
        Assert.Equal((200, CounterEntry.ContentType, "+5 -0"), (entry.Status, entry.Header("Content-Type"), entry.Body));
        Assert.Equal(204, (await service.Ask("DELETE", "/buckets/b/keys/k")).Status);
        Assert.Equal(404, (await service.Ask("GET", Target)).Status);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Other_methods_are_405(string method)
    {
        await using var service = await Service.Start();
        var refused = await service.Ask(method, Target, "1");
        Assert.Equal((405, "GET, HEAD, POST"), (refused.Status, refused.Header("Allow")));
    }

    [Fact]
    public async Task A_failure_says_whether_it_may_count_all_the_same()
    {
        await using var service = await Service.Start();
        service.Node.Instead = static _ => Task.FromResult<Outcome>(new TimedOut(QuorumKind.W, 2, 1, MayTakeEffect: true));
        var failed = await service.Ask("POST", Target, "1");
        Assert.Equal(503, failed.Status);
        Assert.Contains("may still take effect", failed.Body);
        service.Node.Instead = static _ => Task.FromResult<Outcome>(new BadRequest(IncrementRequest.NeedsSiblings));
        Assert.Equal(409, (await service.Ask("POST", Target, "1")).Status);
    }

    [Fact]
    public async Task Clients_find_it_in_the_resource_list()
    {
        await using var service = await Service.Start();
        var list = await service.Ask("GET", "/", "", "Accept: application/json");
        Assert.Contains("\"riak_kv_wm_counter\":\"/buckets\"", list.Body);
    }
}
