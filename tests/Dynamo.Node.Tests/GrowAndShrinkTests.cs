using System.Net;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Node processes join and leave under a steady load. Sections 4.8 and 4.9 of the paper.</summary>
public sealed class GrowAndShrinkTests(ITestOutputHelper output)
    : ChangingProcesses(output, new NodeProcesses(nodes: 3, more: 2) { FirstRehearses = true }, 3)
{
    private const string OnTwo = "r=2&w=2";

    [Fact]
    public async Task Three_grow_to_five_and_shrink_to_four_under_load_and_start_again_without_any_founder()
    {
        await using var load = new HttpLoad("load", 300, Nodes.Urls([0, 1, 2]), OnTwo);
        load.Start(workers: 6);
        await Written(load);

        // Two more run, and are asked for; only the commit makes them members.
        Nodes.Start(3);
        Nodes.Start(4);
        await Nodes.WhenUp(3);
        await Nodes.WhenUp(4);
        Assert.Equal(HttpStatusCode.Accepted, (await Nodes.Membership.Stage(Nodes.Url(0), "join", Node(3))).Status);
        await Requests(load, 300);
        Assert.Equal(["node1", "node2", "node3"], (await Seen(0)).Members);
        Assert.DoesNotContain("node4", await Nodes.Membership.Owners(Nodes.Url(2)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await load.Read(Nodes.Url(3), "key0001")).Status);

        Clean(load.Switch("three become five"));
        var joins = await Nodes.Membership.Change(Nodes.Url(0), ("join", Node(4)));
        await Nodes.WhenTheRingIs(0, 1, 2, 3, 4);
        await Kept(joins, 0, 1, 2, 3, 4);
        Clean(load.Switch("on five", Nodes.Urls([0, 1, 2, 3, 4])));
        await Requests(load, 1500);

        // The first founder goes: no node is special.
        Clean(load.Switch("five become four", Nodes.Urls([1, 2, 3, 4])));
        var leave = await Nodes.Membership.Change(Nodes.Url(3), ("leave", Node(0)));
        await Nodes.WhenTheRingIs(1, 2, 3, 4);
        await Kept(leave, 1, 2, 3, 4);
        Assert.Equal(0, await Nodes.Terminate(0));
        // It rehearsed after its start, and served meanwhile.
        Assert.DoesNotContain("rehearsal_failed", Nodes.Log);
        Clean(load.Switch("on four"));
        await Requests(load, 1000);
        Clean(await load.Stop());
        await StoresAreRight([1, 2, 3, 4], load);

        // Those come first whom no configuration names: each knows from before where the other is.
        Nodes.Start(4);
        Nodes.Start(3);
        await Nodes.WhenSettled();
        // Asked of an owner: of four nodes each key has three, so that one of these two is one.
        await EverythingIsRead(load, 4, "?r=1&pr=1");
        Nodes.Start(2);
        Nodes.Start(1);
        await Nodes.WhenSettled();
        await Nodes.WhenTheRingIs(1, 2, 3, 4);
        await EverythingIsRead(load, 2, "?r=3");
    }
}
