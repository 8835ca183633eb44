using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Figure 3: one object is written by Sx, Sx, Sy and Sz beside it, and reconciled by Sx.</summary>
/// <remarks>
/// Real puts and gets through the coordinators of three owners. A version's clock is what its put returned as context: the context it
/// was given and its own dot. Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4.
/// </remarks>
internal sealed class VersionEvolution
{
    private static readonly string[] Published =
        ["[(Sx,1)]", "[(Sx,2)]", "[(Sx,2),(Sy,1)]", "[(Sx,2),(Sz,1)]", "[(Sx,3),(Sy,1),(Sz,1)]"];

    private static readonly string[] Coordinators = ["Sx", "Sx", "Sy", "Sz", "Sx"];
    private readonly Key _key = Key.Of("carts", "alice");
    private readonly SortedDictionary<NodeId, string> _letters = [];
    private PaperWorld _world = null!;

    public required ulong Seed { get; init; }

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        _world = new PaperWorld(
            5, 64, new PaperTiming { Link = static _ => 100, Sync = static _ => 100 }, Seed, NodeSettings.Standard);
        var owners = _world.OwnersOf(_key);
        foreach (var (owner, letter) in owners.Zip(["Sx", "Sy", "Sz"])) _letters.Add(owner, letter);

        var d1 = Put(owners[0], "D1", default);
        var d2 = Put(owners[0], "D2", d1);
        var d3 = Put(owners[1], "D3", d2);
        var d4 = Put(owners[2], "D4", d2);
        var conflict = Get();
        var d5 = Put(owners[0], "D5", conflict.Context);
        var reconciled = Get();

        ImmutableArray<string> clocks = [.. new[] { d1, d2, d3, d4, d5 }.Select(ClockOf)];
        var concurrent = Read(d3).CompareWith(Read(d4)) == CausalOrder.Concurrent;
        var siblings = string.Join(" and ", conflict.Siblings.Select(Text).Order(StringComparer.Ordinal));
        var last = string.Join(" and ", reconciled.Siblings.Select(Text));
        var holds = clocks.SequenceEqual(Published) && concurrent && siblings == "D3 and D4" && last == "D5";
        return new PaperReport
        {
            Name = "fig3",
            Seed = Seed,
            Setting = ["Puts and gets through the real coordinators and replicas of five nodes, N = 3, under virtual time."],
            Columns = ["version", "coordinator", "published", "ours"],
            Rows = [.. clocks.Select((clock, i) => ImmutableArray.Create($"D{i + 1}", Coordinators[i], Published[i], clock))],
            Comparisons =
            [
                .. clocks.Select((clock, i) => new PaperComparison($"clock of D{i + 1}", Published[i], clock)),
                new("what a get finds after D4", "D3 and D4", siblings),
                new("what a get finds after D5", "D5", last),
            ],
            Sentence = holds
                ? "All five versions have the paper's clocks, D3 and D4 are both kept, and D5 replaces them."
                : "The versions do not evolve as in the paper.",
            Holds = holds,
            Chart = new VersionChart("Version evolution of an object over time (figure 3), as it came out here",
            [
                new("D1", clocks[0], "write handled by Sx", 1, 0, []),
                new("D2", clocks[1], "write handled by Sx", 1, 1, ["D1"]),
                new("D3", clocks[2], "write handled by Sy", 0, 2, ["D2"]),
                new("D4", clocks[3], "write handled by Sz", 2, 2, ["D2"]),
                new("D5", clocks[4], "reconciled and written by Sx", 1, 3, ["D3", "D4"]),
            ]),
        };
    }

    private static string Text(Sibling sibling) => Encoding.ASCII.GetString(sibling.Value!.Body.Span);

    private ReadOnlyMemory<byte> Put(NodeId at, string text, ReadOnlyMemory<byte> context)
    {
        Outcome? outcome = null;
        var value = new Value { Body = Encoding.ASCII.GetBytes(text), ContentType = "text/plain" };
        _world.Request(at, new PutRequest(_key, context, value, PutOptions.None), answer => outcome = answer);
        _world.Run();
        return outcome is Stored stored ? stored.Context : throw Unexpected(outcome);
    }

    private Found Get()
    {
        Outcome? outcome = null;
        _world.Request(_world.Nodes[0], new GetRequest(_key, GetOptions.None), answer => outcome = answer);
        _world.Run();
        return outcome as Found ?? throw Unexpected(outcome);
    }

    private static InvalidOperationException Unexpected(Outcome? outcome) =>
        new($"A request ended otherwise than it can here: {outcome?.Sentence ?? "not at all"}");

    private VersionVector Read(ReadOnlyMemory<byte> token) => _world.Contexts.TryDecode(_key, token.Span, out var context, out var error)
        ? context.Vector
        : throw new InvalidOperationException(error);

    // As the paper writes it: a pair is a node and its counter. A range of dots without a gap from 1 on is just that.
    private string ClockOf(ReadOnlyMemory<byte> token)
    {
        var pairs = new List<string>();
        foreach (var range in Read(token).Ranges)
            pairs.Add(range.First == 1 ? $"({_letters[range.Replica.Node]},{range.Last})" : range.ToString());
        pairs.Sort(StringComparer.Ordinal);
        return $"[{string.Join(',', pairs)}]";
    }
}
