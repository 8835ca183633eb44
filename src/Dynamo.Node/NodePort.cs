using System.Collections.Immutable;
using Dynamo.Actors;
using Dynamo.Core;
using Dynamo.Http;

namespace Dynamo.Node;

/// <summary>What the HTTP side sees of a node of actors, through all actor systems that the process has in turn.</summary>
internal sealed class NodePort(DynamoSystem first) : INodePort
{
    private volatile DynamoSystem _node = first;

    /// <summary>The actors that answer now.</summary>
    public DynamoSystem Node { set => _node = value; }

    public NodeId Self => _node.Self;
    public Founding Founding => _node.Founding;
    public Ring Ring => _node.Ring;
    public Task<Outcome> Execute(ClientRequest request) => _node.Execute(request);
    public IAsyncEnumerable<Outcome> List(ListRequest request, CancellationToken cancel) => _node.List(request, cancel);
    public BucketProperties Properties(string bucket) => _node.View.PropertiesOf(bucket);
    public Task<string> SetProperties(string bucket, BucketProperties? set) => _node.SetProperties(bucket, set);
    public Task<SyncProgress?> Repair() => _node.Repair();
    public Task<SyncProgress?> RepairProgress() => _node.RepairProgress();

    public Task<MembershipAnswer<MembershipStatus>> Membership() => NotAvailable<MembershipStatus>();

    public Task<MembershipAnswer<MembershipStatus>> Stage(MembershipChange change, bool force) =>
        NotAvailable<MembershipStatus>();

    public Task<MembershipAnswer<MembershipStatus>> ClearStaged() => NotAvailable<MembershipStatus>();
    public Task<MembershipAnswer<MembershipPlan>> Plan() => NotAvailable<MembershipPlan>();
    public Task<MembershipAnswer<MembershipPlan>> Commit(ulong? basedOn) => NotAvailable<MembershipPlan>();

    public Task<NodeStatus> Status()
    {
        var (node, store, view, held) = (_node, _node.Store, _node.View, _node.Store.Counts());
        return Task.FromResult(new NodeStatus(
            "akka", Environment.ProcessId, store.Name, store.Error, held.Records, held.Tombstones, held.Partitions,
            store.HintOwners().ToImmutableSortedDictionary(static o => o.Name, store.HintCount),
            [.. view.Ring.Nodes.ToArray().Select(n => new NodeReachability(n, view.IsReachable(n), node.HttpUrlOf(n)))],
            node.RequestsInFlight, node.Counters()));
    }

    public Task<LocalRecord?> Local(Key key) => Task.Run(() =>
    {
        var read = _node.Store.Read(Ring.PartitionOf(key), key);
        var hints = _node.Store.HintsFor(key).Select(static h => new LocalHint(h.Owner, h.Stored.Record));
        var local = new LocalRecord(read.Status, read.Stored?.Record, [.. hints]);
        return local is { Status: StoreReadStatus.Missing, Hints.IsEmpty: true } ? null : local;
    });

    private static Task<MembershipAnswer<T>> NotAvailable<T>()
        where T : class =>
        Task.FromResult(new MembershipAnswer<T>(null, "This node's membership cannot be changed while it runs.", IsReady: false));
}
