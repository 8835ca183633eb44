using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Clients that add to a few counters of their own, and read them now and then.</summary>
/// <remarks>
/// The increments of a key are 1, -8, 64, ... : each has a digit of its own to the base of eight, so that the value of a
/// counter tells how often each of them has been counted (<see cref="CountersCountOnce"/>).
/// </remarks>
internal sealed class CounterWorkload
{
    private const int MostIncrements = 20;
    private const int ClientsPerKey = 3;
    private readonly Simulator _simulator;
    private readonly Prng _random;
    private readonly List<Key> _keys = [];
    private readonly Dictionary<Key, int> _begun = [];
    private int _open;

    public CounterWorkload(Simulator simulator)
    {
        _simulator = simulator;
        _random = new Prng(simulator.Environment.Seed ^ 0xC02D7E2);
        for (var i = 0; i < simulator.Environment.Counters; i++)
        {
            var key = Key.Of("counters", $"n{i}");
            _keys.Add(key);
            _begun.Add(key, 0);
            simulator.Recorder.History.Of(key).IsCounter = true;
        }
    }

    /// <summary>Every counter.</summary>
    public IReadOnlyList<Key> Keys => _keys;

    /// <summary>Whether every increment has begun and ended.</summary>
    public bool IsOver => _open == 0 && _keys.TrueForAll(key => _begun[key] >= MostIncrements);

    /// <summary>Lets the clients begin.</summary>
    public void Start()
    {
        foreach (var key in _keys)
        {
            for (var i = 0; i < ClientsPerKey; i++)
            {
                var client = $"n{_keys.IndexOf(key)}c{i + 1}";
                _simulator.After(Think(), () => Act(client, key));
            }
        }
    }

    private void Act(string client, Key key)
    {
        var at = _begun[key];
        if (at >= MostIncrements) return;
        var askable = _simulator.Askable;
        if (askable.Count == 0)
        {
            _simulator.After(Think(), () => Act(client, key));
            return;
        }

        var node = askable[_random.Below(askable.Count)];
        var reads = _random.Chance(0.3);
        if (!reads) _begun[key]++;
        var delta = reads ? 0 : (_random.Chance(0.3) ? -1 : 1) * (1L << (3 * at));
        var options = reads ? PutOptions.None : DrawOptions();
        var operation = new Operation
        {
            Id = _simulator.Recorder.History.Operations.Count + 1,
            Client = client,
            Kind = reads ? OperationKind.Get : OperationKind.Increment,
            Key = key,
            Began = _simulator.Now,
            Delta = delta,
            Needed = reads ? 0 : Math.Min(options.W.Resolve(3), options.DW.Resolve(3)),
        };
        _simulator.Recorder.History.Add(operation);
        _open++;
        if (_simulator.Trace.Tells)
            _simulator.Trace.Tell(
                _simulator.Now, client, $"{operation.Id}: {(reads ? "get" : $"add {delta} to")} {key} at {node.Name}");
        ClientRequest request = reads ? new GetRequest(key, GetOptions.None) : new IncrementRequest(key, delta, options);
        _simulator.Request(node, request, outcome =>
        {
            if (operation.Ended is not null) return;
            _simulator.Recorder.Ended(operation, outcome, _simulator.Now);
            operation.Ended ??= _simulator.Now;
            _open--;
            if (_simulator.Trace.Tells) _simulator.Trace.Tell(_simulator.Now, client, $"{operation.Id}: {Story.Of(outcome)}");
            _simulator.After(Think(), () => Act(client, key));
        });
    }

    private PutOptions DrawOptions()
    {
        var options = _random.Below(5) switch
        {
            0 => new PutOptions { W = QuorumSize.One },
            1 => new PutOptions { W = QuorumSize.All },
            _ => PutOptions.None,
        };
        if (_simulator.Environment.Buffer > 0 && _random.Chance(0.2)) options = options with { DW = QuorumSize.Of(0) };
        return _random.Chance(0.2) ? options with { ReturnBody = true } : options;
    }

    // Slower than the others, so that the few increments are spread over the whole run.
    private long Think()
    {
        var mean = 3 * (ulong)_simulator.Environment.Think.TotalMicroseconds;
        return 1 + (long)(_random.Next() % (2 * mean));
    }
}
