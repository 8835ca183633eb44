using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Nodes that are gone for good are replaced and removed: what they held is there N times again, without any get.</summary>
public sealed class DeadNodeTests(ITestOutputHelper output) : ChangingProcesses(output, new NodeProcesses(nodes: 4, more: 1), 4)
{
    [Fact]
    public async Task A_dead_node_is_replaced_and_another_removed_and_every_key_has_three_copies_again()
    {
        await using var before = new HttpLoad("before", 300, Nodes.Urls([0, 1, 2, 3]), "r=2&w=2");
        await Fill(before);
        await Nodes.Kill(3);
        await Nodes.WhenSettled();
        // What is written now leaves hints for a node that never comes back.
        await using var meanwhile = new HttpLoad("meanwhile", 200, Nodes.Urls([0, 1, 2]), "r=2&w=2");
        await Fill(meanwhile);

        var owners = await Nodes.Membership.Owners(Nodes.Url(0));
        Nodes.Start(4);
        await Nodes.WhenUp(4);
        var replace = await Nodes.Membership.Change(Nodes.Url(1), ("replace", """{"old":"node4","new":"node5"}"""));
        await Nodes.WhenTheRingIs(0, 1, 2, 4);
        await Kept(replace, 0, 1, 2, 4);
        Assert.Equal(owners.Select(static o => o == "node4" ? "node5" : o), await Nodes.Membership.Owners(Nodes.Url(2)));
        await Nodes.WhenNobodyKeepsHintsFor(3);
        await StoresAreRight([0, 1, 2, 4], before, meanwhile);

        foreach (var node in (int[])[4, 1, 0]) Nodes.Start(node);
        await Nodes.WhenSettled();
        var remove = await Nodes.Membership.Change(Nodes.Url(4), ("remove", Node(2)));
        await Nodes.WhenTheRingIs(0, 1, 4);
        await Kept(remove, 0, 1, 4);
        await StoresAreRight([0, 1, 4], before, meanwhile);
    }
}
