using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>What the console asks for beyond what others do: a key as one document, the ring in change, latencies.</summary>
public sealed class InspectTests
{
    [Fact]
    public async Task A_key_is_shown_with_everything_that_a_put_back_needs()
    {
        await using var service = await Service.Start();
        Assert.Equal(
            """{"bucket":"b","key":"k","path":"/buckets/b/keys/k","deleted":false,"context":null,"counter":null,"last_write_wins":false,"siblings":[]}""",
            (await service.Ask("GET", "/admin/inspect/b/k")).Body);
        service.Node.Seed("b", "k", Service.Text("one"));
        var context = service.Node.Seed("b", "k", new Value { ContentType = "a/b", Body = new byte[70_000], Metadata = Value.NoMetadata.Add("Owner", "me") });
        var shown = await service.Json("/admin/inspect/b/k");
        var siblings = shown.GetProperty("siblings");
        Assert.Equal("one", Encoding.UTF8.GetString(siblings[0].GetProperty("value").GetBytesFromBase64()));
        Assert.Equal(70_000, siblings[1].GetProperty("bytes").GetInt32());
        Assert.False(siblings[1].TryGetProperty("value", out _));
        var whole = await service.Json("/admin/inspect/b/k?whole=true");
        Assert.Equal(70_000, whole.GetProperty("siblings")[1].GetProperty("value").GetBytesFromBase64().Length);

        // Its context resolves what it showed, which the context of the last put alone does not.
        Assert.NotEqual(Convert.ToBase64String(context), shown.GetProperty("context").GetString());
        await service.Put("/buckets/b/keys/k", "both", $"X-Riak-Vclock: {shown.GetProperty("context").GetString()}");
        Assert.Equal(1, (await service.Json("/admin/inspect/b/k")).GetProperty("siblings").GetArrayLength());
        await service.Ask("DELETE", "/buckets/b/keys/k");
        var deleted = await service.Json("/admin/inspect/b/k");
        Assert.True(deleted.GetProperty("deleted").GetBoolean());
        Assert.NotNull(deleted.GetProperty("context").GetString());
    }

    [Fact]
    public async Task A_counter_is_a_text_and_refusals_are_those_of_a_get()
    {
        await using var service = await Service.Start();
        await service.Ask("POST", "/buckets/b/counters/c", "-7");
        Assert.Equal("-7", (await service.Json("/admin/inspect/b/c")).GetProperty("counter").GetString());
        Assert.Equal(400, (await service.Ask("GET", "/admin/inspect/b/c?r=9")).Status);
        service.Node.Instead = static _ => Task.FromResult<Outcome>(new Unavailable(QuorumKind.R, 2, 1, false));
        var answer = await service.Ask("GET", "/admin/inspect/b/c");
        Assert.Equal((503, "R-value unsatisfied: 1/2.\n"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task The_ring_tells_replicas_and_what_moves()
    {
        await using var service = await Service.Start();
        var ring = await service.Json("/admin/ring");
        Assert.Equal("""["node1","node2","node3"]""", ring.GetProperty("nodes").GetRawText());
        Assert.Equal("[1,2,0]", ring.GetProperty("replicas")[1].GetRawText());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, ring.GetProperty("change").ValueKind);

        await service.Ask("POST", "/admin/cluster/join", """{"node":"node4"}""", "Content-Type: application/json");
        Assert.Equal(202, (await service.Ask("POST", "/admin/cluster/commit")).Status);
        var change = (await service.Json("/admin/ring")).GetProperty("change");
        var (now, next) = (Names("owners"), Names("owners_next"));
        var moved = change.GetProperty("moved").EnumerateArray().Select(static p => p.GetInt32()).ToArray();
        Assert.Contains("node4", next);
        Assert.DoesNotContain("node4", now);
        Assert.NotEmpty(moved);
        Assert.Equal(Enumerable.Range(0, 16).Where(p => now[p] != next[p]), moved);

        string[] Names(string name) => [.. change.GetProperty(name).EnumerateArray().Select(static n => n.GetString()!)];
    }
}
