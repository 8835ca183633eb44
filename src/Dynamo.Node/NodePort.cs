using System.Collections.Immutable;
using Dynamo.Actors;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Node;

/// <summary>What the HTTP side sees of a node of actors, through all actor systems that the process has in turn.</summary>
internal sealed class NodePort(DynamoSystem first, BackupJob backups) : INodePort
{
    private volatile DynamoSystem _node = first;

    /// <summary>The actors that answer now.</summary>
    public DynamoSystem Node { set => _node = value; }

    public NodeId Self => _node.Self;
    public Founding Founding => _node.Founding;
    public Ring Ring => _node.Ring;
    public Task<Outcome> Execute(ClientRequest request) => _node.Execute(request);
    public Overloaded? Refusal() => _node.Refusal();
    public IAsyncEnumerable<Outcome> List(ListRequest request, CancellationToken cancel) => _node.List(request, cancel);
    public BucketProperties Properties(string bucket) => _node.View.PropertiesOf(bucket);
    public Task<string> SetProperties(string bucket, BucketProperties? set) => _node.SetProperties(bucket, set);
    public Task<SyncProgress?> Repair() => _node.Repair();
    public Task<SyncProgress?> RepairProgress() => _node.RepairProgress();

    public async Task<MembershipAnswer<MembershipStatus>> Membership() => Answer(await _node.Membership(), await RepairProgress());

    public async Task<MembershipAnswer<MembershipStatus>> Stage(MembershipChange change, bool force) =>
        await _node.Stage(change, force) is { Length: > 0 } refusal
            ? new MembershipAnswer<MembershipStatus>(null, refusal)
            : await Membership();

    public async Task<MembershipAnswer<MembershipStatus>> ClearStaged() => Answer(await _node.ClearStaged(), await RepairProgress());

    public async Task<MembershipAnswer<MembershipPlan>> Plan() =>
        await _node.Plan() is { } plan ? new MembershipAnswer<MembershipPlan>(plan) : Stopped<MembershipPlan>();

    public async Task<MembershipAnswer<MembershipPlan>> Commit(ulong? basedOn) =>
        await _node.Commit(plan => PlanMark.Check(plan, basedOn)) switch
        {
            null => Stopped<MembershipPlan>(),
            { Item2.Length: > 0 } refused => new MembershipAnswer<MembershipPlan>(null, refused.Item2),
            var done => new MembershipAnswer<MembershipPlan>(done.Item1),
        };

    public Task<NodeStatus> Status()
    {
        var (node, store, view, held) = (_node, _node.Store, _node.View, _node.Store.Counts());
        return Task.FromResult(new NodeStatus(
            "akka", Environment.ProcessId, store.Name, store.Error, held.Records, held.Tombstones, held.Partitions,
            store.HintOwners().ToImmutableSortedDictionary(static o => o.Name, store.HintCount),
            [.. view.Everybody.Select(n => new NodeReachability(n, view.IsReachable(n), node.HttpUrlOf(n)))],
            node.RequestsInFlight, node.Counters())
        {
            DiskFree = DiskSpace.FreeFor(store),
            Absence = view.Rings?.Absence ?? "",
            Asking = view.Rings is { IsAsking: true } ? RingState.AskingSentence(Self) : "",
        });
    }

    public Task<string> Backup(string folder, long? bytesPerSecond) =>
        Task.FromResult(backups.Begin(folder, bytesPerSecond ?? BackupJob.StandardRate, _node.MarkBackup()));

    public BackupProgress? LastBackup => backups.Progress;
    public Task<RestoreProgress?> Restore() => Task.FromResult(_node.Restore);

    public NodeReading Reading() => _node.Reading();

    public Task<LocalRecord?> Local(Key key) => Task.Run(() =>
    {
        var read = _node.Store.Read(Ring.PartitionOf(key), key);
        var hints = _node.Store.HintsFor(key).Select(static h => new LocalHint(h.Owner, h.Stored.Record));
        var local = new LocalRecord(read.Status, read.Stored?.Record, [.. hints]);
        return local is { Status: StoreReadStatus.Missing, Hints.IsEmpty: true } ? null : local;
    });

    private static MembershipAnswer<MembershipStatus> Answer(MembershipNow? now, SyncProgress? sync) => now is null
        ? Stopped<MembershipStatus>()
        : new(MembershipStatus.Of(now.History, now.Rings, now.Standings, sync?.TransfersLeft ?? 0, now.Staged));

    private static MembershipAnswer<T> Stopped<T>()
        where T : class => new(null, "The node has stopped.", IsReady: false);
}
