using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Embedded;

/// <summary>A node of an embedded cluster as its clients and its HTTP side see it, alive or not.</summary>
/// <param name="self">The node.</param>
/// <param name="founding">The cluster.</param>
/// <param name="urlOf">Where a node serves HTTP; "" when it does not.</param>
/// <param name="bringUp">Makes sure that a node runs which is about to become a member; "" or one sentence.</param>
internal sealed partial class EmbeddedNodePort(
    NodeId self, Founding founding, Func<NodeId, string> urlOf, Func<NodeId, Task<string>> bringUp) : INodePort
{
    private volatile EmbeddedNode? _node;
    private volatile Ring _lastRing = founding.ToRing();

    public NodeId Self => self;

    public Founding Founding => founding;

    public Ring Ring => _node?.Ring ?? _lastRing;

    public bool IsUp => _node is not null;

    public EmbeddedNode? Node
    {
        get => _node;
        set
        {
            if (_node is { } before) _lastRing = before.Ring;
            _node = value;
        }
    }

    public Task<Outcome> Execute(ClientRequest request) => Call((node, answer) => node.Request(request, answer));

    public Overloaded? Refusal() => _node?.Refusal();

    public async IAsyncEnumerable<Outcome> List(
        ListRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pages = Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });
        if (_node is not { } node || !node.Request(request, page => pages.Writer.TryWrite(page)))
        {
            yield return Down();
            yield break;
        }

        await foreach (var page in pages.Reader.ReadAllAsync(cancel))
        {
            yield return page;
            if (page is not Listing { Last: false }) yield break;
        }
    }

    public BucketProperties Properties(string bucket) =>
        _node?.View?.PropertiesOf(bucket) ?? BucketProperties.Standard;

    public async Task<string> SetProperties(string bucket, BucketProperties? properties)
    {
        var outcome = await Call((node, answer) => node.SetProperties(bucket, properties, answer));
        return outcome.IsSuccess ? "" : outcome.Sentence;
    }

    public async Task<NodeStatus> Status()
    {
        if (_node is not { } node) throw new InvalidOperationException(Down().Reason);
        var inFlight = await node.Ask(static (n, _) => n.RequestsInFlight);
        var counts = node.Store.Counts();
        var view = node.View;
        return new NodeStatus(
            "embedded",
            Environment.ProcessId,
            node.Store.Name,
            node.Store.Error,
            counts.Records,
            counts.Tombstones,
            counts.Partitions,
            node.Store.HintOwners().ToImmutableSortedDictionary(static o => o.Name, node.Store.HintCount),
            [.. (view?.Everybody ?? node.Everybody).Select(n => new NodeReachability(
                n, view?.IsReachable(n) ?? n == self, urlOf(n)))],
            inFlight,
            node.Telemetry.Counters())
        {
            DiskFree = DiskSpace.FreeFor(node.Store),
            Absence = view?.Rings?.Absence ?? "",
            Asking = view?.Rings is { IsAsking: true } ? RingState.AskingSentence(self) : "",
        };
    }

    public NodeReading Reading() =>
        _node is { } node ? node.Telemetry.Read() : throw new InvalidOperationException(Down().Reason);

    public Task<SyncProgress?> Repair() => AskSync(static (node, now) => node.Repair(now));

    public Task<SyncProgress?> RepairProgress() => AskSync(static (_, _) => { });

    public async Task<string> Backup(string folder, long? bytesPerSecond)
    {
        if (_node is not { View: { } view } node) return Down().Reason;
        var mark = await node.Ask((_, now) => BackupMark.Of(view, founding, now));
        return node.Backups.Begin(folder, bytesPerSecond ?? BackupJob.StandardRate, mark);
    }

    public BackupProgress? LastBackup => _node?.Backups.Progress;

    public async Task<RestoreProgress?> Restore() =>
        _node is { } node ? await node.Ask(static (machines, _) => machines.Restore) : null;

    public Task<LocalRecord?> Local(Key key)
    {
        if (_node is not { } node) return Task.FromResult<LocalRecord?>(null);
        var read = node.Store.Read(Ring.PartitionOf(key), key);
        var hints = node.Store.HintsFor(key);
        return Task.FromResult(read.Status == StoreReadStatus.Missing && hints.Count == 0
            ? null
            : new LocalRecord(
                read.Status, read.Stored?.Record,
                [.. hints.OrderBy(static h => h.Owner).Select(static h => new LocalHint(h.Owner, h.Stored.Record))]));
    }

    private async Task<SyncProgress?> AskSync(Action<DynamoNode, Instant> input)
    {
        if (_node is not { } running) return null;
        try
        {
            return await running.Ask((node, now) =>
            {
                input(node, now);
                return node.SyncProgress;
            });
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private NotReady Down() => new($"{self} is down.");

    private Task<Outcome> Call(Func<EmbeddedNode, Action<Outcome>, bool> call)
    {
        var answer = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_node is not { } node || !call(node, outcome => answer.TrySetResult(outcome))) answer.TrySetResult(Down());
        return answer.Task;
    }
}
