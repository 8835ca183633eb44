using System.Text.Json;

namespace Dynamo.Cli.Tests;

/// <summary><c>dynamo cluster</c>: changes are staged, looked at, committed and watched.</summary>
public sealed class MembershipCommandTests : IAsyncLifetime
{
    private const string Plan = """
        {"based_on":"00000000000000ab","changes":[{"change":"join","node":"node4","weight":2,"zone":"","by":"alice",
        "sentence":"node4 joins with weight 2"}],"ignored":[],"nodes":[
        {"name":"node1","zone":"","state":"staying","weight":1,"weight_next":1,"partitions":86,"partitions_next":52},
        {"name":"node4","zone":"cellar","state":"joining","weight":0,"weight_next":2,"partitions":0,"partitions_next":102}],
        "partitions_moved":102,"replicas_moved":1,"keys_moved":4567,"bytes_moved":1234567,
        "moved_is_estimated":true,
        "moves":[{"from":"node1","to":"node4","replicas":1,"keys":4567,"bytes":1234567},
        {"from":null,"to":"node1","replicas":3,"keys":null,"bytes":null}],
        "violations":["node4 owns less than its share."],"warnings":["The ring will have 2 nodes, fewer than target_n_val, 3."]}
        """;

    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.Start();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("""{"node":"node4","weight":1,"zone":"","by":"alice"}""", "join", "node4")]
    [InlineData("""{"node":"node4","weight":2,"zone":"a b","by":"alice"}""", "join", "node4", "--weight", "2", "--zone", "a b")]
    [InlineData("""{"node":"node4","by":"alice"}""", "leave", "node4")]
    [InlineData("""{"node":"node4","force":false,"by":"alice"}""", "remove", "node4")]
    [InlineData("""{"node":"node4","force":true,"by":"alice"}""", "remove", "node4", "--force")]
    [InlineData("""{"old":"node4","new":"node5","by":"alice"}""", "replace", "node4", "node5")]
    [InlineData("""{"node":"node4","weight":3,"by":"alice"}""", "weight", "node4", "3")]
    public async Task A_change_is_staged_and_the_list_is_shown(string body, params string[] args)
    {
        const string answer = """{"staged":[{"change":"x","by":"alice","sentence":"node4 does it"}]}""";
        _node.On($"POST /admin/cluster/{args[0]}", 202, answer);

        var run = await _node.Run(["cluster", .. args, "--by", "alice"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("Staged, and without effect until 'dynamo cluster commit':\n  node4 does it\n", run.Text);
        Assert.Equal(body, _node.Requests.Single().Text);
        Assert.Equal("application/json; charset=utf-8", _node.Requests.Single().Headers.ContentType);
        Assert.Equal(answer + "\n", (await _node.Run(["cluster", .. args, "--json"])).Text);
    }

    [Theory]
    [InlineData("leave node1", "leave", 409, "node1 is the last member, so it cannot leave.", 1)]
    [InlineData("leave node9", "leave", 409, "node9 is not a member, so it cannot leave.", 1)]
    [InlineData("remove node1", "remove", 409, "node1 is reachable: let it leave, or force its removal.", 1)]
    [InlineData("commit --based-on 12", "commit", 409, "Look at a new plan before committing.", 1)]
    [InlineData("clear", "clear", 503, "node1 is down.", 4)]
    public async Task A_refusal_is_the_nodes_own_sentence(string line, string kind, int status, string sentence, int code)
    {
        _node.On($"POST /admin/cluster/{kind}", status, sentence + "\n");

        var run = await _node.Run(["cluster", .. line.Split(' ')]);

        Assert.Equal((code, "", sentence + "\n"), (run.ExitCode, run.Text, run.Error));
    }

    [Fact]
    public async Task A_plan_is_a_table_with_what_moves_and_what_to_think_about()
    {
        _node.On("GET /admin/cluster/plan", 200, Plan);

        var run = await _node.Run("cluster", "plan");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("node4 joins with weight 2 (alice)\n", run.Text);
        Assert.Matches(@"node1 +│ +│ +│ 1 +│ 86 +│ 52 ", run.Text);
        Assert.Matches(@"node4 +│ joining +│ cellar +│ 0 -> 2 +│ 0 +│ 102 ", run.Text);
        Assert.Contains("102 partitions get another owner; 1 replica is copied, about 1,234,567 bytes in 4,567 keys, "
            + "as the asked node estimates by what it holds itself.\n", run.Text);
        Assert.Matches(@"node1 +│ node4 +│ 1 +│ 4,567 +│ 1,234,567 ", run.Text);
        Assert.Matches(@"nobody +│ node1 +│ 3 +│ - +│ - ", run.Text);
        Assert.Contains("! node4 owns less than its share.\n! The ring will have 2 nodes, fewer than target_n_val, 3.\n", run.Text);
        Assert.EndsWith("Do exactly this with: dynamo cluster commit --based-on 00000000000000ab\n", run.Text);
        var json = JsonDocument.Parse((await _node.Run("cluster", "plan", "--json")).Text).RootElement;
        Assert.Equal(102, json.GetProperty("partitions_moved").GetInt32());
    }

    [Fact]
    public async Task A_plan_of_nothing_says_so()
    {
        _node.On("GET /admin/cluster/plan", 200, """
            {"based_on":"00000000000000ab","changes":[],"nodes":[],"partitions_moved":0,"replicas_moved":0,"keys_moved":0,"bytes_moved":0,
            "moves":[],"violations":[],"warnings":["\"node4 leaves\" will have no effect: it is gone."]}
            """);
        Assert.Equal(
            "Nothing is staged that would have an effect.\n! \"node4 leaves\" will have no effect: it is gone.\n",
            (await _node.Run("cluster", "plan")).Text);
    }

    [Fact]
    public async Task A_commit_shows_in_short_what_was_committed()
    {
        _node.On("POST /admin/cluster/commit", 202, Plan);

        var run = await _node.Run("cluster", "commit", "--based-on", "00000000000000ab");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("Committed: node4 joins with weight 2\n102 partitions get another owner", run.Text);
        Assert.Equal("""{"based_on":"00000000000000ab"}""", _node.Requests.Single().Text);
        Assert.Equal("", (await CommitPlainly()).Text);
        var json = JsonDocument.Parse((await _node.Run("cluster", "commit", "--json")).Text).RootElement;
        Assert.False(json.GetProperty("settled").GetBoolean());
    }

    [Fact]
    public async Task Waiting_follows_every_node_until_all_have_settled()
    {
        await using var joiner = await FakeNode.Start();
        string Row(string name, string step, string url) =>
            $$"""{"name":"{{name}}","zone":"","weight":1,"weight_next":1,"partitions":1,"partitions_next":1,"step":"{{step}}","reachable":true,"url":"{{url}}"}""";
        string Cluster(string self, bool moving, int left, string step1, string step4) =>
            $$"""{"name":"demo","id":"1","self":"{{self}}","members":[],"membership":{"commits":1,"settled":{"version":0,"violations":[]},"next":"""
            + (moving ? """{"version":1,"violations":[]}""" : "null")
            + $$""","transfers_left":{{left}},"nodes":[{{Row("node1", step1, _node.Url)}},{{Row("node4", step4, joiner.Url)}},{{Row("node9", "gone", "")}}],"staged":[]"""
            + "}}";
        _node.On("POST /admin/cluster/commit", 202, Plan);
        _node.OnEach(
            "GET /admin/cluster", Cluster("node1", true, 0, "aware", "unaware"), Cluster("node1", true, 0, "aware", "unaware"),
            Cluster("node1", false, 0, "settled", "switched"));
        joiner.OnEach(
            "GET /admin/cluster", Cluster("node4", true, 12, "aware", "copying"), Cluster("node4", true, 0, "aware", "switched"),
            Cluster("node4", true, 0, "settled", "switched"), Cluster("node4", false, 0, "settled", "settled"));

        var run = await _node.Run("cluster", "commit", "--wait");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith(
            "node1: aware\nnode4: copying, 12 transfers left\nnode9: gone\nnode4: switched\nnode1: settled\nnode4: settled\n"
            + "Settled: every node works by the new ring.\n",
            run.Text);
        var json = JsonDocument.Parse((await _node.Run("cluster", "commit", "--wait", "--json")).Text).RootElement;
        Assert.True(json.GetProperty("settled").GetBoolean());
    }

    [Fact]
    public async Task Status_shows_both_rings_while_one_is_coming()
    {
        await using var third = await FakeNode.Start();
        third.On("GET /admin/cluster", 200, """
            {"name":"demo","id":"abc","self":"node3","members":[],"membership":{"commits":1,
            "settled":{"version":0,"violations":[]},"next":null,"transfers_left":12,"nodes":[],"staged":[]}}
            """);
        _node.On("GET /admin/cluster", 200, $$$"""
            {"name":"demo","id":"abc","self":"node1","members":[],"membership":{"commits":1,
            "settled":{"version":0,"digest":"0","violations":[]},"next":{"version":1,"digest":"1","violations":["Too few zones."]},
            "transfers_left":5,"nodes":[
            {"name":"node1","zone":"a","weight":1,"weight_next":2,"partitions":128,"partitions_next":64,"step":"aware","reachable":true,"url":""},
            {"name":"node3","zone":"a","weight":1,"weight_next":1,"partitions":128,"partitions_next":128,"step":"copying","reachable":true,"url":"{{{third.Url}}}"},
            {"name":"node4","zone":"","weight":0,"weight_next":1,"partitions":0,"partitions_next":64,"step":"unaware","reachable":false,"url":""}],
            "staged":[{"change":"leave","node":"node2","by":"bob","sentence":"node2 leaves"}]}}
            """);

        var run = await _node.Run("cluster", "status");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("cluster demo, id abc, as node1 knows it\n", run.Text);
        Assert.Matches(@"node1 +│ yes +│ a +│ 1 -> 2 +│ 128 +│ 64 +│ aware +│ 5 ", run.Text);
        Assert.Matches(@"node3 +│ yes +│ a +│ 1 +│ 128 +│ 128 +│ copying +│ 12 ", run.Text);
        Assert.Matches(@"node4 +│ no +│ +│ 0 -> 1 +│ 0 +│ 64 +│ unaware +│ - ", run.Text);
        Assert.EndsWith(
            "Ring 1 is coming; 17 transfers are left at 2 nodes.\n! Too few zones.\nStaged at node1:\n  node2 leaves (bob)\n", run.Text);
        Assert.Equal(
            5,
            JsonDocument.Parse((await _node.Run("cluster", "status", "--json")).Text).RootElement
                .GetProperty("membership").GetProperty("transfers_left").GetInt32());
    }

    [Fact]
    public async Task A_node_that_cannot_say_how_its_membership_stands_is_exit_code_4()
    {
        _node.On("GET /admin/cluster", 200, """{"name":"demo","id":"abc","self":"node1","members":[],"membership":null}""");
        var run = await _node.Run("cluster", "status");
        Assert.Equal((4, "", "node1 cannot say how its membership stands.\n"), (run.ExitCode, run.Text, run.Error));
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("cluster", "join")]
    [InlineData("cluster", "join", "node4", "--weight", "0")]
    [InlineData("cluster", "join", "node4", "--weight", "1025")]
    [InlineData("cluster", "join", "--wieght")]
    [InlineData("cluster", "join", "")]
    [InlineData("cluster", "weight", "node4")]
    [InlineData("cluster", "weight", "node4", "0")]
    [InlineData("cluster", "weight", "node4", "much")]
    [InlineData("cluster", "replace", "node4")]
    [InlineData("cluster", "leave", "node4", "--force")]
    [InlineData("cluster", "frob")]
    public async Task A_command_line_that_is_not_understood_is_exit_code_2_and_a_sentence(params string[] args)
    {
        var run = await _node.Run(args);
        Assert.Equal((2, ""), (run.ExitCode, run.Text));
        Assert.NotEqual("", run.Error);
        Assert.Empty(_node.Requests);
    }

    [Theory]
    [InlineData("stage", "cluster")]
    [InlineData("unaware", "cluster", "status")]
    [InlineData("It takes effect only when it is committed", "cluster", "join")]
    [InlineData("--based-on", "cluster", "commit")]
    [InlineData("based on", "cluster", "plan")]
    public async Task Help_teaches(string says, params string[] args)
    {
        var run = await ToolRun.Of([.. args, "--help"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(says, run.Text);
        Assert.Contains("Examples:", run.Text);
    }

    private async Task<SeenRequest> CommitPlainly()
    {
        await _node.Run("cluster", "commit");
        return _node.Requests[^1];
    }
}
