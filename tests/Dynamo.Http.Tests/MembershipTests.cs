using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Changes of the membership over HTTP: staged, looked at, committed, and refused in a sentence.</summary>
public sealed class MembershipTests
{
    [Fact]
    public async Task A_cluster_without_changes_shows_its_members_and_nothing_that_is_coming()
    {
        await using var service = await Service.Start();
        var membership = (await service.Json("/admin/cluster")).GetProperty("membership");
        Assert.Equal(0, membership.GetProperty("commits").GetInt32());
        Assert.Equal(0, membership.GetProperty("settled").GetProperty("version").GetInt32());
        Assert.Equal(JsonValueKind.Null, membership.GetProperty("next").ValueKind);
        Assert.Equal(7, membership.GetProperty("transfers_left").GetInt32());
        Assert.Equal("[]", membership.GetProperty("staged").GetRawText());
        Assert.Equal(
            """{"name":"node2","zone":"cellar","weight":2,"weight_next":2,"partitions":5,"partitions_next":5"""
            + ""","step":"settled","reachable":false,"url":"http://127.0.0.1:2"}""",
            membership.GetProperty("nodes")[1].GetRawText());
    }

    [Fact]
    public async Task Changes_are_staged_planned_and_committed()
    {
        await using var service = await Service.Start();
        var joined = await Post(service, "join", """{"node":"node4","weight":2,"zone":"attic","by":"alice"}""");
        const string join =
            """{"change":"join","node":"node4","weight":2,"zone":"attic","by":"alice","sentence":"node4 joins with weight 2 in zone attic"}""";
        Assert.Equal((202, "application/json"), (joined.Status, joined.Header("Content-Type")));
        Assert.Equal($$"""{"staged":[{{join}}]}""", joined.Body);
        Assert.Equal(202, (await Post(service, "remove", """{"node":"node2"}""")).Status);

        var plan = await service.Json("/admin/cluster/plan");
        Assert.Equal(join, plan.GetProperty("changes")[0].GetRawText());
        Assert.Equal(
            ["node1 staying", "node2 removed", "node3 staying", "node4 joining"],
            plan.GetProperty("nodes").EnumerateArray().Select(static n => $"{n.GetProperty("name")} {n.GetProperty("state")}"));
        Assert.Equal(16, plan.GetProperty("nodes").EnumerateArray().Sum(static n => n.GetProperty("partitions_next").GetInt32()));
        var moves = plan.GetProperty("moves").EnumerateArray().ToList();
        Assert.NotEmpty(moves);
        Assert.Equal(plan.GetProperty("replicas_moved").GetInt32(), moves.Sum(static m => m.GetProperty("replicas").GetInt32()));
        Assert.Equal(plan.GetProperty("bytes_moved").GetInt64(), moves.Sum(static m => m.GetProperty("bytes").GetInt64()));
        Assert.Equal(plan.GetProperty("keys_moved").GetInt64(), moves.Sum(static m => m.GetProperty("keys").GetInt64()));
        Assert.True(plan.GetProperty("moved_is_estimated").GetBoolean() && plan.GetProperty("keys_moved").GetInt64() > 0);
        Assert.All(moves, static m => Assert.NotEqual("node2", m.GetProperty("from").GetString()));
        Assert.True(plan.GetProperty("partitions_moved").GetInt32() > 0);

        var committed = await Post(service, "commit", $$"""{"based_on":"{{plan.GetProperty("based_on").GetString()}}"}""");
        Assert.Equal(202, committed.Status);
        Assert.Contains(join, committed.Body);
        var membership = (await service.Json("/admin/cluster")).GetProperty("membership");
        Assert.Equal((1, "[]"), (membership.GetProperty("commits").GetInt32(), membership.GetProperty("staged").GetRawText()));
        Assert.Equal(1, membership.GetProperty("next").GetProperty("version").GetInt32());
        Assert.Equal("unaware", membership.GetProperty("nodes")[3].GetProperty("step").GetString());
    }

    [Fact]
    public async Task A_commit_without_a_plan_makes_one_and_needs_no_body()
    {
        await using var service = await Service.Start();
        await Post(service, "leave", """{"node":"node3"}""");
        Assert.Equal(202, (await service.Ask("POST", "/admin/cluster/commit")).Status);
        var nothing = await service.Ask("POST", "/admin/cluster/commit");
        Assert.Equal((409, "Nothing is staged.\n"), (nothing.Status, nothing.Body));
    }

    [Theory]
    [InlineData("node5", false)]
    [InlineData("node4", true)]
    public async Task A_plan_that_went_stale_is_not_committed(string later, bool elsewhere)
    {
        await using var service = await Service.Start();
        await Post(service, "weight", """{"node":"node1","weight":3}""");
        var plan = await service.Json("/admin/cluster/plan");
        if (elsewhere) CommitElsewhere(service.Node, later);
        else await Post(service, "join", $$"""{"node":"{{later}}"}""");
        var stale = await Post(service, "commit", $$"""{"based_on":"{{plan.GetProperty("based_on").GetString()}}"}""");
        Assert.Equal(409, stale.Status);
        Assert.Contains("look at a new plan", stale.Body);
        var again = await service.Json("/admin/cluster/plan");
        Assert.Equal(202, (await Post(service, "commit", $$"""{"based_on":"{{again.GetProperty("based_on").GetString()}}"}""")).Status);
    }

    [Theory]
    [InlineData("leave", """{"node":"node9"}""", "node9 is not a member, so it cannot leave.")]
    [InlineData("remove", """{"node":"node3"}""", "node3 is reachable: let it leave")]
    [InlineData("join", """{"node":"node1"}""", "node1 is a member already.")]
    [InlineData("replace", """{"old":"node9","new":"node8"}""", "node9 is not a member, so it cannot be replaced.")]
    [InlineData("replace", """{"old":"node1","new":"node2"}""", "node2 is a member already, so it cannot replace node1.")]
    [InlineData("weight", """{"node":"node1","weight":1}""", "node1 has the weight 1 already.")]
    public async Task What_cannot_be_is_409_with_a_sentence(string kind, string body, string says)
    {
        await using var service = await Service.Start();
        var answer = await Post(service, kind, body);
        Assert.Equal((409, "text/plain"), (answer.Status, answer.Header("Content-Type")));
        Assert.StartsWith(says, answer.Body);
    }

    [Fact]
    public async Task The_last_node_cannot_leave_and_a_reachable_one_is_removed_by_force()
    {
        await using var service = await Service.Start();
        Assert.Equal(202, (await Post(service, "leave", """{"node":"node2"}""")).Status);
        Assert.Equal(202, (await Post(service, "remove", """{"node":"node3","force":true}""")).Status);
        var last = await Post(service, "leave", """{"node":"node1"}""");
        Assert.Equal((409, "node1 is the last member, so it cannot leave.\n"), (last.Status, last.Body));
        var plan = await service.Json("/admin/cluster/plan");
        Assert.Contains(
            plan.GetProperty("warnings").EnumerateArray(),
            static w => w.GetString()!.Contains("fewer than target_n_val, 3", StringComparison.Ordinal));

        Assert.Equal("""{"staged":[]}""", (await service.Ask("POST", "/admin/cluster/clear")).Body);
        Assert.Equal("[]", (await service.Json("/admin/cluster/plan")).GetProperty("changes").GetRawText());
    }

    [Theory]
    [InlineData("join", "")]
    [InlineData("join", "[]")]
    [InlineData("join", """{"node":"node4""")]
    [InlineData("join", """{"node":4}""")]
    [InlineData("join", """{"node":"no name"}""")]
    [InlineData("join", """{"node":""}""")]
    [InlineData("join", """{"node":"node4","weight":0}""")]
    [InlineData("join", """{"node":"node4","weight":1025}""")]
    [InlineData("join", """{"node":"node4","weight":"2"}""")]
    [InlineData("join", """{"node":"node4","weight":1.5}""")]
    [InlineData("join", """{"node":"node4","wieght":2}""")]
    [InlineData("join", """{"node":"node4","zone":"\u0007"}""")]
    [InlineData("join", """{"node":"node4","by":"\ud800"}""")]
    [InlineData("leave", """{"node":"node3","force":true}""")]
    [InlineData("remove", """{"node":"node3","force":"yes"}""")]
    [InlineData("replace", """{"old":"node3"}""")]
    [InlineData("replace", """{"node":"node3","new":"node4"}""")]
    [InlineData("weight", """{"node":"node3"}""")]
    [InlineData("weight", """{"node":"node3","weight":0}""")]
    [InlineData("weight", """{"node":"node3","weight":99999999999}""")]
    [InlineData("commit", """{"based_on":"12"}""")]
    [InlineData("commit", """{"based_on":"0x34567890123456"}""")]
    [InlineData("commit", """{"based_on":12}""")]
    [InlineData("plan", "{}")]
    [InlineData("clear", "{}")]
    public async Task Nonsense_is_400_with_a_sentence_and_stages_nothing(string what, string body)
    {
        await using var service = await Service.Start();
        var answer = await Post(service, what, body);
        Assert.Equal((400, "text/plain"), (answer.Status, answer.Header("Content-Type")));
        Assert.Matches(@"^\S.*\.\n$", answer.Body);
        Assert.Empty((await service.Node.Membership()).Value!.Staged);
    }

    [Fact]
    public async Task A_body_is_json_and_short_and_other_methods_and_paths_are_refused()
    {
        await using var service = await Service.Start();
        Assert.Equal(415, (await service.Ask("POST", "/admin/cluster/leave", """{"node":"node3"}""", "Content-Type: text/plain")).Status);
        Assert.Equal(415, (await service.Ask("POST", "/admin/cluster/leave", """{"node":"node3"}""")).Status);
        Assert.Equal(413, (await Post(service, "leave", new string(' ', 17_000))).Status);
        var got = await service.Ask("GET", "/admin/cluster/leave");
        Assert.Equal((405, "POST"), (got.Status, got.Header("Allow")));
        Assert.Equal(404, (await Post(service, "frob", "{}")).Status);
    }

    [Fact]
    public async Task A_node_that_cannot_answer_now_is_503_and_the_cluster_can_still_be_seen()
    {
        await using var service = await Service.Start();
        service.Node.MembershipTrouble = "node1 is down.";
        foreach (var what in (string[])["clear", "plan", "commit"])
        {
            var answer = await service.Ask("POST", $"/admin/cluster/{what}");
            Assert.Equal((503, "node1 is down.\n"), (answer.Status, answer.Body));
        }

        Assert.Equal(503, (await Post(service, "leave", """{"node":"node3"}""")).Status);
        var cluster = await service.Json("/admin/cluster");
        Assert.Equal(JsonValueKind.Null, cluster.GetProperty("membership").ValueKind);
        Assert.Equal(3, cluster.GetProperty("members").GetArrayLength());
    }

    [Fact]
    public async Task How_far_each_node_has_come_is_told_in_a_word()
    {
        await using var service = await Service.Start();
        CommitElsewhere(service.Node, "node4");
        var all = service.Node.History.Digest;
        service.Node.Standings.AddRange(
        [
            new Standing(new("node1"), 1, all, 0, 0, 0, 0, NValSet.Of(3)), new Standing(new("node2"), 1, all, all, 0, 0, 0, NValSet.Of(3)),
            new Standing(new("node3"), 1, all, all, all, 0, 0, NValSet.Of(3)), new Standing(new("node4"), 1, all, all, all, all, 0, NValSet.Of(3)),
        ]);
        var nodes = (await service.Json("/admin/cluster")).GetProperty("membership").GetProperty("nodes");
        Assert.Equal(
            ["copying", "complete", "switched", "settled"],
            nodes.EnumerateArray().Select(static n => n.GetProperty("step").GetString()));
    }

    private static Task<RawAnswer> Post(Service service, string what, string body) =>
        service.Ask("POST", $"/admin/cluster/{what}", body, "Content-Type: application/json");

    private static void CommitElsewhere(FakeNode node, string joiner)
    {
        var staged = new StagedChanges();
        var join = new MembershipChange.Join(new RingMember(new NodeId(joiner)), new ChangeOrigin(new NodeId("node2"), "", default));
        Assert.True(staged.TryStage(join, node.History, false, false, out _));
        var plan = MembershipPlan.Of(node.History, staged, static _ => null);
        Assert.True(plan.TryCommit(node.History, node.History.Lamport + 1, new NodeId("node2"), out var commit, out _));
        node.History = node.History.Add(commit);
    }
}
