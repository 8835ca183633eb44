using Dynamo.Core;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>Tombstones over real Akka.Remote connections: they go when every node has said that nothing older is left.</summary>
public sealed class ReapingTests
{
    [Fact]
    public async Task Deleted_keys_leave_nothing_in_any_store_once_everybody_is_there()
    {
        await using var cluster = LoopbackCluster.Of(4);
        await cluster.StartAll();
        await cluster.Kill(4);
        await cluster.UntilTheLivingSeeEachOther();
        var keys = Enumerable.Range(0, 40).Select(static i => Key.Of("b", $"k{i}")).ToList();
        foreach (var key in keys)
        {
            var put = Assert.IsType<Stored>(await cluster[1].Execute(Put(key, "v")));
            Assert.IsType<Stored>(await cluster[2].Execute(
                new DeleteRequest(key, put.Context, PutOptions.None, GetOptions.None)));
        }

        // A node is away, owner of some keys and of others not, and hints wait for it: nothing may go.
        await LoopbackCluster.Until(
            () => Enumerable.Range(1, 3).Sum(i => cluster.StoreOf(i).Counts().Tombstones) >= 80, "the tombstones are stored");
        Assert.Equal(0, Enumerable.Range(1, 3).Sum(i => cluster[i].Counters()[CounterNames.Reaped]));
        await cluster.Start(4);
        await LoopbackCluster.Until(
            () => Enumerable.Range(1, 4).All(i => cluster.StoreOf(i).Counts() is { Tombstones: 0, Records: 0 }),
            "every store is empty");
        // The stores are empty a moment before the reapers have heard that the last removal is durable.
        await LoopbackCluster.Until(
            () => Enumerable.Range(1, 4).Sum(i => cluster[i].Counters()[CounterNames.Reaped]) >= 40, "the reapers have counted them");
        foreach (var key in keys)
            Assert.Null(Assert.IsType<NotFound>(await cluster[3].Execute(Get(key))).DeletedAt);
        Assert.IsType<Stored>(await cluster[3].Execute(Put(keys[0], "again")));
        Assert.Equal("again", Text(Assert.Single(Assert.IsType<Found>(await cluster[1].Execute(Get(keys[0]))).Siblings)));
    }
}
