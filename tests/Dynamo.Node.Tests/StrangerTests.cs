using System.Net;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Processes that do not belong are refused and told so; one that is stopped in order still belongs.</summary>
public sealed class StrangerTests(ITestOutputHelper output) : ChangingProcesses(output, new NodeProcesses(nodes: 3, more: 5), 3)
{
    [Fact]
    public async Task Who_does_not_belong_is_refused_in_a_sentence_and_who_is_stopped_in_order_stays_a_member()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var load = new HttpLoad("load", 50, Nodes.Urls([0, 1, 2]), "r=2&w=2");
        load.Start(workers: 2);
        await Written(load);
        Nodes.Start(3);
        await Nodes.WhenUp(3);
        var join = await Nodes.Membership.Change(Nodes.Url(0), ("join", Node(3)));

        Nodes.Start(4, "dynamo.cluster.name=another");
        Nodes.Start(5, "dynamo.cluster.partitions=128");
        // A folder and an address of its own, and the name of a member that is there.
        Nodes.Start(6, "dynamo.node.name=node4");
        await Nodes.WhenTheRingIs(0, 1, 2, 3);
        await Kept(join, 0, 1, 2, 3);
        foreach (var (node, why) in ((int, string)[])[(4, "it belongs to another cluster"), (5, "it belongs to another cluster"), (6, "its name is taken")])
            await Nodes.WhenSaid(node, $"does not listen to this node: {why}");
        // A second process over the port of one that is there ends; the two would hear each other's peers.
        Nodes.Start(7, $"dynamo.remote.port={Nodes.RemotePort(0)}");
        Assert.Equal(3, await Nodes.WhenEnded(7));
        await Nodes.WhenSaid(7, "is in use by another process.");
        foreach (var stranger in (int[])[4, 5, 6])
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await load.Read(Nodes.Url(stranger), "key0001")).Status);
            await Nodes.Kill(stranger);
        }

        Assert.Equal(["node1", "node2", "node3", "node4"], (await Seen(0)).Reachable);
        Clean(load.Switch("one stopped in order", Nodes.Urls([0, 1, 3])));
        Assert.Equal(0, await Nodes.Terminate(2));
        await Nodes.WhenSettled();
        await Requests(load, 200);
        foreach (var node in (int[])[0, 1, 3])
            Assert.Equal(["node1", "node2", "node3", "node4"], (await Seen(node)).Members);
        Assert.Empty(join.Broken(await Nodes.Membership.Owners(Nodes.Url(1))));
        Nodes.Start(2);
        await Nodes.WhenSettled();
        Clean(load.Switch("and back", Nodes.Urls([0, 1, 2, 3])));
        await Requests(load, 200);
        Clean(await load.Stop());
        await StoresAreRight([0, 1, 2, 3], load);
    }
}
