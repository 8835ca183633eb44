using System.Text.Json;

namespace Dynamo.Cli.Tests;

/// <summary><c>dynamo repair</c>: begun on each node, followed to its end, and honest about what did not happen.</summary>
public sealed class RepairTests : IAsyncLifetime
{
    private FakeNode _one = null!;
    private FakeNode _two = null!;

    public async Task InitializeAsync()
    {
        (_one, _two) = (await FakeNode.Start(), await FakeNode.Start());
        OnCluster(_two.Url);
        // What was done before the repair is none of its business.
        _one.On("POST /admin/repair", 202, Progress("node1", 32, left: 32, exchanges: 100, failed: 7, repaired: 50));
        _one.OnEach(
            "GET /admin/repair",
            Progress("node1", 32, left: 20, exchanges: 112, failed: 7, repaired: 60),
            Progress("node1", 32, left: 0, exchanges: 132, failed: 7, repaired: 99));
        _two.On("POST /admin/repair", 202, Progress("node2", 8, left: 8));
        _two.OnEach("GET /admin/repair", Progress("node2", 8, left: 0, exchanges: 8, repaired: 3));
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task All_nodes_repair_and_are_waited_for()
    {
        var run = await _one.Run("repair");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"node1 +│ 32 +│ 0 +│ 49 +│ 0 +│ 0 ", run.Text);
        Assert.Matches(@"node2 +│ 8 +│ 0 +│ 3 +│ 0 +│ 0 ", run.Text);
        Assert.Equal(
            ["GET /admin/cluster", "POST /admin/repair", "GET /admin/repair", "GET /admin/repair"],
            _one.Requests.Select(static r => $"{r.Method} {r.Target}"));
    }

    [Fact]
    public async Task As_JSON_there_is_one_object_per_node()
    {
        var run = await _one.Run("repair", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal(
            """{"name":"node1","finished":true,"pairs":32,"pairs_left":0,"keys_repaired":49,"failed":0,"left_out":0,"error":null}""",
            lines[0]);
        Assert.Equal("node2", JsonDocument.Parse(lines[1]).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_node_that_is_named_repairs_alone()
    {
        Assert.Equal(0, (await _one.Run("repair", "node2")).ExitCode);
        Assert.DoesNotContain(_one.Requests, static r => r.Target == "/admin/repair");
        Assert.Contains(_two.Requests, static r => r is { Method: "POST", Target: "/admin/repair" });
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_named_and_nothing_is_begun()
    {
        var run = await _one.Run("repair", "node2", "node9");
        Assert.Equal((2, "", "There is no node node9 in the cluster; there are node1, node2.\n"), (run.ExitCode, run.Text, run.Error));
        Assert.Empty(_two.Requests);
    }

    [Fact]
    public async Task Without_waiting_it_is_only_begun()
    {
        var run = await _one.Run("repair", "--no-wait");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("The repair goes on.", run.Text);
        Assert.DoesNotContain(_one.Requests, static r => r is { Method: "GET", Target: "/admin/repair" });
    }

    [Fact]
    public async Task A_comparison_that_failed_since_is_no_success()
    {
        _two.OnEach("GET /admin/repair", Progress("node2", 8, left: 0, exchanges: 7, failed: 1));
        var run = await _one.Run("repair");
        Assert.Equal((1, "node2: 1 comparisons failed; its storage or that of other owners has trouble.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Pairs_whose_owner_could_not_be_reached_are_no_success()
    {
        _two.OnEach("GET /admin/repair", Progress("node2", 8, left: 0, exchanges: 6));
        var run = await _one.Run("repair");
        Assert.Equal(
            (1, "node2: 2 or more pairs were left out: their other owner could not be reached.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_does_not_keep_the_others_from_it()
    {
        var gone = $"http://127.0.0.1:{FreePort.Next()}";
        OnCluster(gone);
        var run = await _one.Run("repair", "--json");
        Assert.Equal(3, run.ExitCode);
        var lines = run.Text.TrimEnd('\n').Split('\n');
        Assert.True(JsonDocument.Parse(lines[0]).RootElement.GetProperty("finished").GetBoolean());
        var second = JsonDocument.Parse(lines[1]).RootElement;
        Assert.False(second.GetProperty("finished").GetBoolean());
        Assert.StartsWith($"No node answers at {gone}", second.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_node_without_an_address_cannot_be_asked()
    {
        OnCluster("");
        var run = await _one.Run("repair", "node2");
        Assert.Equal((3, "node2: Where it serves HTTP is not known.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_node_that_restarts_has_forgotten_its_repair()
    {
        _two.OnEach("GET /admin/repair", Progress("node2", 8, left: 5, exchanges: 3), Progress("node2", 0, left: 8));
        var run = await _one.Run("repair");
        Assert.Equal((1, "node2: It was restarted and has forgotten the repair; begin it again.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_node_that_is_down_says_so()
    {
        _two.On("POST /admin/repair", 503, "node2 is down.\n");
        var run = await _one.Run("repair");
        Assert.Equal((4, "node2: node2 is down.\n"), (run.ExitCode, run.Error));
    }

    private static string Progress(
        string name, int ofRepair, int left, long exchanges = 0, long failed = 0, long repaired = 0) => $$"""
        {"name":"{{name}}","pairs":32,"pairs_of_repair":{{ofRepair}},"pairs_left":{{left}},
        "exchanges":{{exchanges}},"failed":{{failed}},"keys_repaired":{{repaired}}}
        """;

    private void OnCluster(string urlOfNode2) => _one.On("GET /admin/cluster", 200, $$"""
        {"name":"demo","id":"abc","self":"node1","partitions":256,"target_n_val":3,"members":[
        {"name":"node1","weight":1,"zone":"","share":128,"reachable":true,"url":"{{_one.Url}}"},
        {"name":"node2","weight":1,"zone":"","share":128,"reachable":true,"url":"{{urlOfNode2}}"}]}
        """);
}
