using System.Text.Json;

namespace Dynamo.Cli.Tests;

/// <summary>What asks about the cluster, its buckets and lists.</summary>
public sealed class ClusterCommandTests : IAsyncLifetime
{
    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.Start();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Status_asks_every_node_and_survives_one_that_does_not_answer()
    {
        var gone = $"http://127.0.0.1:{FreePort.Next()}";
        OnCluster(gone, node2IsReachable: true);

        var run = await _node.Run("status");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1. node2 is reached by the nodes and does not answer here: No node answers at", run.Text);
        Assert.Contains("cluster demo, id abc", run.Text);
        Assert.Matches(
            @"node1 +│ yes +│ http://127\.0\.0\.1:\d+ +│ embedded +│ 128 +│ 7 +│ 1 +│ 5 for node2 +│ sqlite", run.Text);
        Assert.Matches(@"node2 +│ yes +│ http://127\.0\.0\.1:\d+ +│ - ", run.Text);
        Assert.StartsWith($"node2: No node answers at {gone}", run.Error);
    }

    [Fact]
    public async Task Status_says_nothing_more_about_a_node_that_is_known_to_be_away()
    {
        OnCluster($"http://127.0.0.1:{FreePort.Next()}");

        var run = await _node.Run("status");

        Assert.Matches(@"node2 +│ no", run.Text);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1. node2 is not reached. Start it again", run.Text);
        Assert.Contains("5 hints and 1 tombstones are kept as long as node2 is away", run.Text);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task Status_as_JSON_holds_each_nodes_own_account()
    {
        OnCluster("");

        var run = await _node.Run("status", "--json");

        var answer = JsonDocument.Parse(run.Text).RootElement;
        Assert.Equal("abc", answer.GetProperty("id").GetString());
        Assert.Equal(7, answer.GetProperty("nodes")[0].GetProperty("status").GetProperty("keys").GetInt32());
        Assert.False(answer.GetProperty("nodes")[1].GetProperty("reachable").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("nodes")[1].GetProperty("status").ValueKind);
    }

    [Fact]
    public async Task Ring_draws_every_partition_and_says_the_shares()
    {
        _node.On("GET /admin/ring", 200, """{"partitions":8,"owners":["b","a","c","a","b","a","c","a"]}""");

        var run = await _node.Run("ring");

        Assert.Contains("    0  BACABACA\n", run.Text);
        Assert.Matches(@"A  a +4 of 8 +50\.0 %", run.Text);
        Assert.Equal(
            """{"partitions":8,"owners":["b","a","c","a","b","a","c","a"]}""" + "\n",
            (await _node.Run("ring", "--json")).Text);
    }

    [Fact]
    public async Task Preflist_shows_primaries_before_fallbacks()
    {
        _node.On("GET /admin/preflist/b/a%2Fb", 200, """
            {"bucket":"b","key":"a/b","n_val":1,"partition":3,"position":"ff",
            "primaries":[{"node":"n2","reachable":false}],
            "fallbacks":[{"node":"n1","reachable":true}]}
            """);

        var run = await _node.Run("preflist", "b", "a/b");

        Assert.Matches(@"1 +│ n2 +│ primary +│ no(.|\n)*2 +│ n1 +│ fallback +│ yes", run.Text);
        Assert.Contains("\"n_val\":1", (await _node.Run("preflist", "b", "a/b", "--json")).Text);
    }

    [Fact]
    public async Task Keys_are_printed_from_a_stream_of_documents()
    {
        _node.On("GET /buckets/b/keys?keys=stream", 200, """{"keys":[]}{"keys":["a","x y"]}{"keys":["c"]}""");

        Assert.Equal("a\nx y\nc\n", (await _node.Run("keys", "b")).Text);
        Assert.Equal("""{"bucket":"b","keys":["a","x y","c"]}""" + "\n", (await _node.Run("keys", "b", "--json")).Text);
    }

    [Fact]
    public async Task A_list_that_breaks_off_is_not_a_success()
    {
        _node.On("GET /buckets?buckets=stream", 200, """{"buckets":["a"]}{"error":"request timed out"}""");

        var run = await _node.Run("buckets");

        Assert.Equal((4, "a\n", "The list is incomplete: request timed out\n"), (run.ExitCode, run.Text, run.Error));
    }

    [Fact]
    public async Task Props_are_set_as_numbers_flags_and_words()
    {
        _node.On("PUT /buckets/b/props", 204);

        var run = await _node.Run("props", "set", "b", "n_val=5", "allow_mult=false", "w=all");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("""{"props":{"n_val":5,"allow_mult":false,"w":"all"}}""", _node.Requests.Single().Text);
    }

    [Fact]
    public async Task Props_are_shown_and_reset()
    {
        const string props = """{"props":{"n_val":3,"r":"quorum"}}""";
        _node.On("GET /buckets/b/props", 200, props).On("DELETE /buckets/b/props", 204);

        Assert.Matches(@"r +│ quorum", (await _node.Run("props", "get", "b")).Text);
        Assert.Equal(props + "\n", (await _node.Run("props", "get", "b", "--json")).Text);
        Assert.Equal(0, (await _node.Run("props", "reset", "b")).ExitCode);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("""{"partitions":"many"}""")]
    public async Task An_answer_in_another_shape_is_a_sentence(string body)
    {
        _node.On("GET /admin/ring", 200, body);

        var run = await _node.Run("ring");

        Assert.Equal((1, ""), (run.ExitCode, run.Text));
        Assert.StartsWith($"{_node.Url}/admin/ring", run.Error.Replace("What ", ""));
    }

    private void OnCluster(string urlOfNode2, bool node2IsReachable = false)
    {
        var reachable = node2IsReachable ? "true" : "false";
        _node.On("GET /admin/cluster", 200, $$"""
            {"name":"demo","id":"abc","self":"node1","partitions":256,"target_n_val":3,"members":[
            {"name":"node1","weight":1,"zone":"","share":128,"reachable":true,"url":"{{_node.Url}}"},
            {"name":"node2","weight":1,"zone":"","share":128,"reachable":{{reachable}},"url":"{{urlOfNode2}}"}]}
            """);
        _node.On("GET /admin/node", 200, """
            {"name":"node1","pid":1,"runtime":"embedded","keys":7,"tombstones":1,"partitions":2,
            "hints":{"node2":5,"node3":0},
            "storage":{"engine":"sqlite","error":null},"requests_in_flight":0}
            """);
    }
}
