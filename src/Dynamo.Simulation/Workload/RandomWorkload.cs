using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Clients that get, put and delete a few shared keys, with good contexts, stale ones and none.</summary>
internal sealed class RandomWorkload
{
    /// <summary>The bucket that resolves by time.</summary>
    public const string LastWriteWinsBucket = "latest";

    private readonly Simulator _simulator;
    private readonly Prng _random;
    private readonly Prng _durable;
    private readonly int _bucketDw;
    private readonly List<Key> _keys = [];
    private readonly Dictionary<Key, List<byte[]>> _handedOut = [];
    private int _begun, _open;

    public RandomWorkload(Simulator simulator)
    {
        _simulator = simulator;
        _random = new Prng(simulator.Environment.Seed ^ 0x3015);
        _durable = new Prng(simulator.Environment.Seed ^ 0xD3);
        // Not above the standard, since a node that has not heard of the bucket yet goes by that.
        _bucketDw = _durable.Below(3);
        for (var i = 0; i < simulator.Environment.Keys; i++)
        {
            // One key in five lives in the bucket that resolves by time.
            var bucket = i % 5 == 4 ? LastWriteWinsBucket : "carts";
            var key = Key.Of(bucket, $"k{i}");
            _keys.Add(key);
            _handedOut.Add(key, []);
            simulator.Recorder.History.Of(key).LastWriteWins = bucket == LastWriteWinsBucket;
        }
    }

    /// <summary>Every key.</summary>
    public IReadOnlyList<Key> Keys => _keys;

    /// <summary>Whether every operation has begun and ended.</summary>
    public bool IsOver => _begun >= _simulator.Environment.Operations && _open == 0;

    /// <summary>Sets the buckets up; give the cluster time to spread the word.</summary>
    public void Prepare()
    {
        var latest = new BucketProperties { LastWriteWins = true };
        if (IsBuffered)
        {
            latest = latest with { DW = QuorumSize.Of(_bucketDw) };
            _simulator.SetProperties(_simulator.Nodes[0], "carts", new BucketProperties { DW = QuorumSize.Of(_bucketDw) });
        }

        _simulator.SetProperties(_simulator.Nodes[0], LastWriteWinsBucket, latest);
    }

    /// <summary>Lets the clients begin.</summary>
    public void Start()
    {
        for (var i = 0; i < _simulator.Environment.Clients; i++)
        {
            var client = new WorkloadClient($"c{i + 1}");
            _simulator.After(Think(), () => Act(client));
        }
    }

    /// <summary>Gets a key from a node and hands the outcome on; used at the end, when all must be well.</summary>
    public void Read(SimulatedNode node, Key key, GetOptions options, Action<Operation> ended)
    {
        var operation = Begin("end", OperationKind.Get, key, default, atTheEnd: true);
        _simulator.Request(node, new GetRequest(key, options), outcome =>
        {
            End(operation, node, outcome);
            ended(operation);
        });
    }

    private void Act(WorkloadClient client)
    {
        if (_begun >= _simulator.Environment.Operations) return;
        var askable = _simulator.Askable;
        if (askable.Count == 0)
        {
            _simulator.After(Think(), () => Act(client));
            return;
        }

        _begun++;
        var key = _keys[_random.Below(_keys.Count)];
        var node = askable[_random.Below(askable.Count)];
        var (operation, request) = Choose(client, key);
        operation.Coming = node.Machine?.Membership.State is { MayTransfer: true, Next: { } coming } ? coming : null;
        _open++;
        if (_simulator.Trace.Tells) Tell(client.Name, node, operation, request);
        _simulator.Request(node, request, outcome =>
        {
            if (operation.Ended is not null) return;
            End(operation, node, outcome);
            _open--;
            client.Learned(operation);
            Remember(operation);
            if (_simulator.Trace.Tells) _simulator.Trace.Tell(_simulator.Now, client.Name, $"{operation.Id}: {Story.Of(outcome)}");
            _simulator.After(Think(), () => Act(client));
        });
    }

    private (Operation Operation, ClientRequest Request) Choose(WorkloadClient client, Key key)
    {
        var dice = _random.Below(100);
        if (dice < 38)
            return (Begin(client.Name, OperationKind.Get, key, default), new GetRequest(key, DrawGet()));

        // Mostly what the client itself has read or written last, now and then something that anybody was given long ago.
        var context = dice % 5 == 0 ? Stale(key) : client.ContextOf(key);
        if (dice < 86)
        {
            if (dice >= 76) context = default;
            var options = DrawPut();
            var put = Begin(client.Name, OperationKind.Put, key, context, options.ReturnBody, needed: NeededBy(options));
            return (put, new PutRequest(key, context, Operation.ValueOf(put.Id), options));
        }

        if (dice >= 97) context = default;
        var kind = context.IsEmpty ? OperationKind.BlindDelete : OperationKind.Delete;
        var write = DrawPut();
        return (Begin(client.Name, kind, key, context, write.ReturnBody, needed: NeededBy(write)), new DeleteRequest(key, context, write, DrawGet()));
    }

    private bool IsBuffered => _simulator.Environment.Buffer > 0;

    // Without a buffer whatever is applied is durable as well.
    private int NeededBy(PutOptions options) => IsBuffered
        ? Math.Min(options.W.Resolve(3), options.DW.Or(QuorumSize.Of(_bucketDw)).Resolve(3))
        : options.W.Resolve(3);

    private Operation Begin(
        string client, OperationKind kind, Key key, ReadOnlyMemory<byte> context,
        bool returnsBody = false, bool atTheEnd = false, int needed = 0)
    {
        var operation = new Operation
        {
            Id = _simulator.Recorder.History.Operations.Count + 1,
            Client = client,
            Kind = kind,
            Key = key,
            Began = _simulator.Now,
            Given = _simulator.Recorder.Decode(key, context),
            LastWriteWins = key.Bucket == LastWriteWinsBucket,
            ReturnsBody = returnsBody,
            AtTheEnd = atTheEnd,
            Needed = needed,
        };
        _simulator.Recorder.History.Add(operation);
        return operation;
    }

    private void End(Operation operation, SimulatedNode node, Outcome? outcome)
    {
        // Who has gone on to a ring beyond that one by now need not have written under it.
        if (node.Machine?.Membership.State.Settled.Number >= operation.Coming?.Number) operation.Coming = null;
        _simulator.Recorder.Ended(operation, outcome, _simulator.Now);
        // Nobody answered, and nobody will: what is known of the end is when the client gave up.
        operation.Ended ??= _simulator.Now;
    }

    private GetOptions DrawGet() => _random.Below(4) switch
    {
        0 => new GetOptions { R = QuorumSize.One },
        1 => new GetOptions { R = QuorumSize.All, NotFoundOk = _random.Chance(0.8) },
        2 when _random.Chance(0.3) => new GetOptions { PR = QuorumSize.Of(1 + _random.Below(2)) },
        _ => GetOptions.None,
    };

    private PutOptions DrawPut()
    {
        var options = _random.Below(5) switch
        {
            0 => new PutOptions { W = QuorumSize.One },
            1 => new PutOptions { W = QuorumSize.All },
            2 when _random.Chance(0.3) => new PutOptions { PW = QuorumSize.Of(1 + _random.Below(2)) },
            3 when _random.Chance(0.5) => new PutOptions { DW = QuorumSize.Of(_random.Below(3)) },
            _ => PutOptions.None,
        };
        if (IsBuffered && _durable.Chance(0.4)) options = options with { DW = QuorumSize.Of(_durable.Below(4)) };
        return _random.Chance(0.1) ? options with { ReturnBody = true } : options;
    }

    private ReadOnlyMemory<byte> Stale(Key key)
    {
        var all = _handedOut[key];
        return all.Count == 0 ? default : all[_random.Below(all.Count)];
    }

    private void Remember(Operation operation)
    {
        var token = WorkloadClient.TokenOf(operation.Outcome);
        if (!token.IsEmpty) _handedOut[operation.Key].Add(token.ToArray());
    }

    private long Think()
    {
        var mean = (ulong)_simulator.Environment.Think.TotalMicroseconds;
        return 1 + (long)(_random.Next() % (2 * mean));
    }

    private void Tell(string client, SimulatedNode node, Operation operation, ClientRequest request)
    {
        var what = request switch
        {
            GetRequest get => $"get r={get.Options.R} pr={get.Options.PR}",
            PutRequest put => $"put w={put.Options.W} dw={put.Options.DW} pw={put.Options.PW}",
            DeleteRequest delete => $"delete w={delete.Options.W}",
            _ => "asks",
        };
        _simulator.Trace.Tell(_simulator.Now, client,
            $"{operation.Id}: {what} {operation.Key} at {node.Name}, having seen {operation.Given}");
    }
}
