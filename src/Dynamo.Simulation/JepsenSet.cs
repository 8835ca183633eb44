using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Jepsen's test of Riak: five clients add numbers to one set by reading, adding and writing, while the network is cut.</summary>
/// <remarks>
/// 5 nodes, N = 3, {n1, n2} cut from {n3, n4, n5} from a quarter to half of the run. Once with siblings that readers unite,
/// at R = W = 1, where no acknowledged add may be lost; once with last-write-wins, which loses most of them.
/// Source: Kingsbury, "Call me maybe: Riak" (2013).
/// </remarks>
internal sealed class JepsenSet
{
    private const long Second = 1_000_000;

    // As busy as Jepsen's clients are: they quarrel over the one key all the time.
    private const long LongestPause = Second / 200;
    private readonly Simulator _simulator;
    private readonly Prng _random;
    private readonly Key _key;
    private readonly SortedSet<int> _acknowledged = [];
    private int _begun, _open;

    private JepsenSet(SimulationEnvironment environment, Mutant? mutant, Trace trace, string bucket)
    {
        _simulator = new Simulator(environment, mutant, trace);
        _random = new Prng(environment.Seed ^ 0x5E7);
        _key = Key.Of(bucket, "set");
    }

    /// <summary>Carries out both halves.</summary>
    public static SimulationReport Run(SimulationEnvironment drawn, Mutant? mutant, TextWriter? story)
    {
        var clock = Stopwatch.StartNew();
        var environment = drawn with
        {
            Nodes = 5, Clients = 5, Keys = 1, Partitions = 64,
            Troubles = Trouble.Partition, Faults = [],
        };
        if (story is not null)
            foreach (var line in environment.Describe()) story.WriteLine(line);
        var trace = new Trace(story);
        var verdict = new Verdict();
        var siblings = new JepsenSet(environment, mutant, trace, "united");
        string? notLive = null;
        var lost = siblings.Live(ref notLive);
        if (lost.Count > 0)
        {
            verdict.Lost = lost.Count;
            verdict.Add(new AcknowledgedWritesSurvive(), $"{lost.Count} acknowledged adds are lost, {lost.Min} the first.");
        }

        var latest = new JepsenSet(environment, mutant, trace, RandomWorkload.LastWriteWinsBucket);
        var overwritten = latest.Live(ref notLive);
        return new SimulationReport
        {
            Environment = environment,
            NotLive = notLive,
            Verdict = verdict,
            Acknowledged = siblings._acknowledged.Count,
            LostToLastWriteWins = overwritten.Count,
            AcknowledgedByLastWriteWins = latest._acknowledged.Count,
            SiblingsMax = siblings._simulator.Recorder.History.SiblingsSeen,
            VirtualTime = TimeSpan.FromMicroseconds(siblings._simulator.Now + latest._simulator.Now),
            WallTime = clock.Elapsed,
            Events = siblings._simulator.Events + latest._simulator.Events,
            Hash = trace.Hash,
        };
    }

    // Runs one half and gives the adds that were acknowledged and are not in the set at the end.
    private SortedSet<int> Live(ref string? notLive)
    {
        _simulator.StartAll();
        _simulator.SetProperties(
            _simulator.Nodes[0], RandomWorkload.LastWriteWinsBucket, new BucketProperties { LastWriteWins = true });
        _simulator.Run(8 * Second);
        foreach (var node in _simulator.Nodes) Add(node);
        var quarter = _simulator.Environment.Operations / 4;
        var live = _simulator.Run(3_600 * Second, () => _begun >= quarter);
        Cut(join: false);
        live &= _simulator.Run(3_600 * Second, () => _begun >= 2 * quarter);
        Cut(join: true);
        live &= _simulator.Run(3_600 * Second, () => _begun >= _simulator.Environment.Operations && _open == 0);
        _simulator.Run(60 * Second);
        SortedSet<int>? last = null;
        var node1 = _simulator.Nodes[0];
        _simulator.Request(node1, new GetRequest(_key, new GetOptions { R = QuorumSize.All }), outcome => last = Union(outcome));
        _simulator.Run(20 * Second, () => last is not null);
        if (!live || last is null) notLive = "Clients still wait for an answer.";
        return [.. _acknowledged.Where(number => last?.Contains(number) != true)];
    }

    private void Cut(bool join)
    {
        for (var from = 0; from < 5; from++)
        {
            for (var to = 0; to < 5; to++)
            {
                if (from < 2 == to < 2) continue;
                if (join) _simulator.Network.Join(from, to);
                else _simulator.Network.Cut(from, to);
            }
        }
    }

    // Each client talks to the node of its own, as Jepsen's do: read, add, write.
    private void Add(SimulatedNode node)
    {
        if (_begun >= _simulator.Environment.Operations) return;
        var number = ++_begun;
        _open++;
        _simulator.Request(node, new GetRequest(_key, new GetOptions { R = QuorumSize.One }), outcome =>
        {
            var set = Union(outcome) ?? [];
            set.Add(number);
            var context = WorkloadClient.TokenOf(outcome);
            var value = new Value { Body = Encoding.ASCII.GetBytes(string.Join(' ', set)), ContentType = "text/plain" };
            var put = new PutRequest(_key, context, value, new PutOptions { W = QuorumSize.One });
            // A client that cannot read cannot add; it goes on with the next number.
            if (outcome is Found or NotFound) _simulator.After(1, () => _simulator.Request(node, put, stored => Added(node, number, stored)));
            else Added(node, number, null);
        });
    }

    private void Added(SimulatedNode node, int number, Outcome? outcome)
    {
        _open--;
        if (outcome is Stored) _acknowledged.Add(number);
        if (_simulator.Trace.Tells)
            _simulator.Trace.Tell(_simulator.Now, node.Name.Name, $"add {number}: {Story.Of(outcome)}");
        _simulator.After(1 + _random.Below((int)LongestPause), () => Add(node));
    }

    private static SortedSet<int>? Union(Outcome? outcome) => outcome switch
    {
        Found found => [.. found.Siblings.SelectMany(static sibling => Numbers(sibling.Value!))],
        NotFound => [],
        _ => null,
    };

    private static IEnumerable<int> Numbers(Value value) => Encoding.ASCII.GetString(value.Body.Span)
        .Split(' ').Select(static text => int.Parse(text, CultureInfo.InvariantCulture));
}
