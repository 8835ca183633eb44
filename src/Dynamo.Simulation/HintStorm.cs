using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A node comes back to thousands of hints while clients work on: what do they feel of it?</summary>
/// <remarks>
/// <code>
///   warm-up | A: foreground alone |  n5 away, no foreground  | B: foreground, n5 back, hints delivered | rest
///           |      measured       |  writes leave hints      |  measured until none is left            |
/// </code>
/// Five nodes, N = 3. The foreground is open-loop: requests come when they come, so that a slow answer makes those behind
/// it wait, as it does in life; a loop that waits for its answers would ask less just when it hurts. Work takes time here:
/// each message some at the node that handles it, each sync some for every row.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.5: background tasks must not hurt foreground operations.
/// </remarks>
internal sealed class HintStorm
{
    private const long Second = 1_000_000;

    /// <summary>Writes that are made while the node is away, unless the run says otherwise.</summary>
    public const int Hints = 20_000;

    // Writers that fill the hints, each with one write under way.
    private const int Fillers = 64;
    private readonly Simulator _simulator;
    private readonly StormMeasure _measure = new();
    private readonly Prng _random;
    private readonly List<Key> _keys = [];
    private readonly List<Key> _written = [];
    private readonly Dictionary<Key, ReadOnlyMemory<byte>> _contexts = [];
    private LatencyWindow? _window;
    private bool _isBusy;
    private int _open;

    private HintStorm(SimulationEnvironment environment, Mutant? mutant, Trace trace)
    {
        _simulator = new Simulator(environment, mutant, trace);
        _random = new Prng(environment.Seed ^ 0x5708);
        for (var i = 0; i < environment.Keys; i++) _keys.Add(Key.Of("carts", $"k{i}"));
        History.Writers = Fillers;
        History.Storm = _measure;
    }

    private RunHistory History => _simulator.Recorder.History;

    private SimulatedNode Away => _simulator.Nodes[^1];

    /// <summary>The environment of such a run: hardware as it is met with, and the settings as documented.</summary>
    public static SimulationEnvironment Of(SimulationEnvironment drawn, int? hints) => drawn with
    {
        Nodes = 5, Partitions = 64, Clients = 1, Keys = 2_000, Operations = hints ?? Hints,
        Think = TimeSpan.FromMicroseconds(500),
        Latency = TimeSpan.FromMicroseconds(100), Jitter = TimeSpan.FromMicroseconds(100),
        SyncTime = TimeSpan.FromMilliseconds(2), RowTime = TimeSpan.FromMicroseconds(20),
        MessageTime = TimeSpan.FromMicroseconds(50),
        Settings = NodeSettings.Standard,
    };

    /// <summary>Carries it out.</summary>
    public static SimulationReport Run(SimulationEnvironment environment, Mutant? mutant, TextWriter? story)
    {
        var clock = Stopwatch.StartNew();
        if (story is not null)
            foreach (var line in environment.Describe()) story.WriteLine(line);
        var trace = new Trace(story);
        var storm = new HintStorm(environment, mutant, trace);
        var notLive = storm.Live();
        var history = storm.History;
        storm._simulator.RecordEnd(storm._keys.Concat(storm._written));
        return new SimulationReport
        {
            Environment = environment,
            NotLive = notLive,
            Verdict = notLive is null ? Checker.CheckAll(history) : new Verdict(),
            Storm = storm._measure,
            Acknowledged = history.Operations.Count(static o => o.IsAcknowledgedWrite),
            SiblingsMax = history.SiblingsSeen,
            HintsLeft = history.HintsLeft,
            Hints = history.Hints.Count,
            VirtualTime = TimeSpan.FromMicroseconds(storm._simulator.Now),
            WallTime = clock.Elapsed,
            Events = storm._simulator.Events,
            Hash = trace.Hash,
        };
    }

    // The whole run; null when everything that must come to an end did.
    private string? Live()
    {
        _simulator.StartAll();
        _simulator.Run(5 * Second);
        Resume(null);
        _simulator.Run(3 * Second);
        _window = _measure.Calm;
        _simulator.Run(10 * Second);
        if (!Quiet()) return "The foreground alone never came to rest.";
        _simulator.Kill(Away);
        if (!_simulator.Run(60 * Second, () => _simulator.Nodes.All(CannotReachIt))) return "Nobody noticed that a node is away.";
        for (var i = 0; i < Fillers; i++) Fill();
        if (!_simulator.Run(3_600 * Second, () => _open == 0)) return "The writes that leave hints never ended.";
        _simulator.Run(2 * Second);
        return Storm();
    }

    private string? Storm()
    {
        var waiting = _simulator.HintsLeft;
        var (stays, returned) = (History.Hints.Count, _simulator.Now);
        Tell($"comes back to {waiting} hints");
        _simulator.Start(Away);
        // A process that has heard of nobody yet refuses what it is asked, with hints or without.
        if (!_simulator.Run(60 * Second, () => _simulator.EveryoneSeesEveryone)) return "Nobody noticed that the node is back.";
        Resume(_measure.Storm);
        for (var passed = 0L; _simulator.HintsLeft > 0 && passed < 600 * Second; passed += Second / 100)
            _simulator.Run(Second / 100);
        _measure.Took = TimeSpan.FromMicroseconds(_simulator.Now - returned);
        _measure.Delivered = waiting + History.Hints.Count - stays - _simulator.HintsLeft;
        if (_simulator.HintsLeft > 0) return $"{_simulator.HintsLeft} hints are left 600 s after their owner's return.";
        if (!Quiet()) return "The foreground never came to rest after the storm.";
        _simulator.Run(10 * Second);
        if (!_simulator.HasCalmed) return $"{_simulator.HintsLeft} hints are left after the storm.";
        _simulator.Recorder.HintsDrained();
        return null;
    }

    private bool CannotReachIt(SimulatedNode node) => node == Away || node.Machine!.View?.IsReachable(Away.Name) == false;

    private void Resume(LatencyWindow? window)
    {
        _window = window;
        _isBusy = true;
        Ask();
    }

    // No new requests; those under way end.
    private bool Quiet()
    {
        _isBusy = false;
        return _simulator.Run(60 * Second, () => _open == 0);
    }

    // One request, and the next one whether or not this one is answered by then.
    private void Ask()
    {
        if (!_isBusy) return;
        _simulator.After(1 + _random.Below(2 * (int)_simulator.Environment.Think.TotalMicroseconds), Ask);
        var key = _keys[_random.Below(_keys.Count)];
        var node = _simulator.Nodes[_random.Below(_simulator.Nodes.Count)];
        var window = _window;
        if (_random.Chance(0.5)) Get(node, key, Measured);
        else Put(node, key, _contexts.GetValueOrDefault(key), Measured);

        void Measured(Operation ended)
        {
            var token = WorkloadClient.TokenOf(ended.Outcome);
            if (!token.IsEmpty) _contexts[key] = token;
            if (ended.Outcome is Found or NotFound or Stored) window?.Add(_simulator.Now - ended.Began);
            else if (window is not null) window.Failed++;
        }
    }

    // A write that leaves a hint: of a key that the node away owns.
    private void Fill()
    {
        if (_written.Count >= _simulator.Environment.Operations) return;
        Key key;
        do key = Key.Of("orders", $"o{_random.Next():x16}");
        while (!_simulator.Ring.PreferenceList(_simulator.Ring.PartitionOf(key), BucketProperties.Standard.NVal).Contains(Away.Name));
        _written.Add(key);
        Put(_simulator.Nodes[_random.Below(_simulator.Nodes.Count - 1)], key, default, _ => Fill());
    }

    private void Get(SimulatedNode node, Key key, Action<Operation> ended)
    {
        var operation = Begin(OperationKind.Get, key, default);
        Request(node, operation, new GetRequest(key, GetOptions.None), ended);
    }

    private void Put(SimulatedNode node, Key key, ReadOnlyMemory<byte> context, Action<Operation> ended)
    {
        var operation = Begin(OperationKind.Put, key, context);
        Request(node, operation, new PutRequest(key, context, Operation.ValueOf(operation.Id), PutOptions.None), ended);
    }

    private Operation Begin(OperationKind kind, Key key, ReadOnlyMemory<byte> context)
    {
        var operation = new Operation
        {
            Id = History.Operations.Count + 1, Client = "c", Kind = kind, Key = key, Began = _simulator.Now,
            Given = _simulator.Recorder.Decode(key, context), Needed = PutOptions.None.W.Resolve(BucketProperties.Standard.NVal),
        };
        History.Add(operation);
        return operation;
    }

    private void Request(SimulatedNode node, Operation operation, ClientRequest request, Action<Operation> ended)
    {
        _open++;
        _simulator.Request(node, request, outcome =>
        {
            _open--;
            _simulator.Recorder.Ended(operation, outcome, _simulator.Now);
            operation.Ended ??= _simulator.Now;
            ended(operation);
        });
    }

    private void Tell(string what)
    {
        if (_simulator.Trace.Tells) _simulator.Trace.Tell(_simulator.Now, Away.Name.Name, what);
    }
}
