using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Http.Tests;

/// <summary>A node of three that keeps one genuine record per key in memory; tests may answer in its place.</summary>
internal sealed partial class FakeNode : INodePort
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Key, Record> _records = [];
    private readonly Dictionary<string, BucketProperties> _properties = [];
    private readonly ContextCodec _codec = new("a cluster"u8);
    private readonly ReplicaId _replica = new(new NodeId("node1"), 0xFFFF_0000_0000_0001);
    private ulong _counter;
    private long _clock = DateTimeOffset.Parse("2026-11-20T07:40:09Z").ToUnixTimeMilliseconds() * 1000;

    public FakeNode()
    {
        RingMember[] members = [new(new("node1")), new(new("node2"), 2, "cellar"), new(new("node3"))];
        Founding.TryCreate("test", 16, 3, members, out var founding, out _);
        Founding = founding;
        History = MembershipHistory.Of(founding);
        Ring = new Ring(members, [.. Enumerable.Range(0, 16).Select(p => members[p % 3].Node)]);
    }

    public NodeId Self { get; } = new("node1");

    public Founding Founding { get; }

    public Ring Ring { get; }

    /// <summary>Every request that came in, in order.</summary>
    public List<ClientRequest> Requests { get; } = [];

    /// <summary>Answers in the node's place; null leaves the request to it.</summary>
    public Func<ClientRequest, Task<Outcome>?>? Instead { get; set; }

    /// <summary>Lists in the node's place.</summary>
    public ImmutableArray<Outcome>? Pages { get; set; }

    /// <summary>What SetProperties says.</summary>
    public string PropertiesError { get; set; } = "";

    public ImmutableSortedDictionary<string, long> Counters { get; set; } = ImmutableSortedDictionary<string, long>.Empty
        .Add(CounterNames.NodeGets, 7).Add(CounterNames.NodePuts, 3).Add(CounterNames.ReadRepairs, 1)
        .Add(CounterNames.Exchanges, 9);

    public Func<Exception>? StatusFault { get; set; }

    public string? StorageError { get; set; }

    /// <summary>Why it takes no requests; "" when it does.</summary>
    public string Absence { get; set; } = "";

    /// <summary>Why it takes no requests about keys now; null when it does.</summary>
    public Overloaded? Busy { get; set; }

    public Overloaded? Refusal() => Busy;

    public ImmutableArray<LocalHint> Hints { get; set; } = [];

    public async Task<Outcome> Execute(ClientRequest request)
    {
        await Task.Yield();
        lock (_lock) Requests.Add(request);
        if (Instead?.Invoke(request) is { } instead) return await instead;
        lock (_lock)
            return request switch
            {
                GetRequest get => Get(get.Key),
                PutRequest put => Write(put.Key, put.Context, put.Value, put.Options.ReturnBody),
                IncrementRequest increment => Increment(increment),
                DeleteRequest { Context.IsEmpty: true } delete when Get(delete.Key) is var seen =>
                    seen is Found found ? Write(delete.Key, found.Context, null, false) : seen,
                DeleteRequest delete => Write(delete.Key, delete.Context, null, false),
                _ => throw new NotSupportedException(),
            };
    }

    public async IAsyncEnumerable<Outcome> List(
        ListRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        foreach (var page in Pages ?? ListRecords(request.Bucket)) yield return page;
    }

    public BucketProperties Properties(string bucket)
    {
        lock (_lock) return _properties.GetValueOrDefault(bucket, BucketProperties.Standard);
    }

    public Task<string> SetProperties(string bucket, BucketProperties? properties)
    {
        lock (_lock)
        {
            if (PropertiesError.Length > 0) return Task.FromResult(PropertiesError);
            if (properties is null) _properties.Remove(bucket);
            else _properties[bucket] = properties;
            return Task.FromResult("");
        }
    }

    public Task<NodeStatus> Status() => StatusFault is { } fault
        ? Task.FromException<NodeStatus>(fault())
        : Task.FromResult(new NodeStatus(
            "embedded", 4711, "memory", StorageError, _records.Count, _records.Values.Count(static r => r.IsDeleted), 1,
            ImmutableSortedDictionary<string, long>.Empty.Add("node2", 5),
            [
                new(new("node1"), true, "http://127.0.0.1:1"), new(new("node2"), false, "http://127.0.0.1:2"),
                new(new("node3"), true, ""),
            ],
            2, Counters) { Absence = Absence });

    public NodeReading Reading() => StatusFault is { } fault ? throw fault() : new NodeReading
    {
        Node = "node1",
        Cluster = "test",
        Runtime = "embedded",
        Counters = Counters,
        Took = Took,
        StorageError = StorageError,
        Hints = ImmutableSortedDictionary<string, long>.Empty.Add("node2", 5),
        Peers = ImmutableSortedDictionary<string, bool>.Empty.Add("node2", false).Add("node3", true),
        IsServing = Absence.Length == 0,
    };

    /// <summary>How long its requests took.</summary>
    public ImmutableArray<RequestTimes> Took { get; set; } = [];

    /// <summary>What it says of anti-entropy; null while it is down.</summary>
    public SyncProgress? Progress { get; set; } = new() { Pairs = 30, Exchanges = 9, Failed = 1, KeysRepaired = 17 };

    public Task<SyncProgress?> Repair()
    {
        Progress = Progress is { } now ? now with { PairsOfRepair = now.Pairs, PairsLeft = now.Pairs } : null;
        return Task.FromResult(Progress);
    }

    public Task<SyncProgress?> RepairProgress() => Task.FromResult(Progress);

    public Task<LocalRecord?> Local(Key key)
    {
        lock (_lock)
        {
            var record = _records.GetValueOrDefault(key);
            return Task.FromResult(record is null && Hints.IsEmpty ? null : new LocalRecord(
                record is null ? StoreReadStatus.Missing : StoreReadStatus.Found, record, Hints));
        }
    }

    /// <summary>What is stored, for tests that look behind the scenes.</summary>
    public Record? Stored(string bucket, string key)
    {
        lock (_lock) return _records.GetValueOrDefault(Key.Of(bucket, key));
    }

    /// <summary>Puts a record back.</summary>
    public void Restore(string bucket, string key, Record record)
    {
        lock (_lock) _records[Key.Of(bucket, key)] = record;
    }

    /// <summary>Stores a value as if another client had, and gives its context.</summary>
    public byte[] Seed(string bucket, string key, Value value, byte[]? context = null)
    {
        lock (_lock) return ((Stored)Write(Key.Of(bucket, key), context, value, false)).Context.ToArray();
    }

    private Outcome Get(Key key)
    {
        if (!_records.TryGetValue(key, out var record)) return NotFound.Nothing;
        var context = _codec.Encode(key, new CausalContext(record.Clock, Self));
        return record.IsDeleted
            ? new NotFound(context, record.Siblings.Max(static s => s.Timestamp))
            : new Found(Live(key, record), context);
    }

    private ImmutableArray<Sibling> Live(Key key, Record record) => Properties(key.Bucket).IsLastWriteWins
        ? [record.Latest()!]
        : record.Siblings.RemoveAll(static s => s.IsTombstone);

    private Outcome Write(Key key, ReadOnlyMemory<byte> token, Value? value, bool returnBody)
    {
        var context = CausalContext.Empty;
        if (!token.IsEmpty && !_codec.TryDecode(key, token.Span, out context, out var error)) return new BadContext(error);
        var before = _records.GetValueOrDefault(key, Record.Empty);
        var dot = new Dot(_replica, ++_counter);
        var covered = Properties(key.Bucket).IsLastWriteWins ? before.Clock : context.Vector;
        _clock += 1_000_000;
        var after = before.Put(covered, new Sibling(dot, _clock, value), DotRange.Of(dot));
        _records[key] = after;
        var seen = returnBody ? after.Clock : context.Vector.With(DotRange.Of(dot));
        return new Stored(
            _codec.Encode(key, new CausalContext(seen)), returnBody && !after.IsDeleted ? Live(key, after) : []);
    }

    // One entry for all, as if this node had always coordinated.
    private Stored Increment(IncrementRequest increment)
    {
        var own = _records.GetValueOrDefault(increment.Key, Record.Empty).Siblings
            .FirstOrDefault(static s => CounterEntry.TryRead(s.Value, out _));
        CounterEntry.TryRead(own?.Value, out var entry);
        entry.TryAdd(increment.Delta, out entry);
        var context = own is null ? default : _codec.Encode(increment.Key, new CausalContext(VersionVector.Of(DotRange.Of(own.Dot))));
        var stored = (Stored)Write(increment.Key, context, entry.ToValue(), increment.Options.ReturnBody);
        return increment.Options.ReturnBody ? stored : new Stored(default, []);
    }

    private ImmutableArray<Outcome> ListRecords(string? bucket)
    {
        lock (_lock)
        {
            var live = _records.Where(static pair => !pair.Value.IsDeleted).Select(static pair => pair.Key);
            IEnumerable<ReadOnlyMemory<byte>> names = bucket is null
                ? live.Select(static k => k.Bucket).Distinct().Select(static b => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(b))
                : live.Where(k => k.Bucket == bucket).Select(static k => (ReadOnlyMemory<byte>)k.Name.ToArray());
            return [.. names.Chunk(2).Select(page => new Listing(bucket, [.. page], false)), new Listing(bucket, [], true)];
        }
    }
}
