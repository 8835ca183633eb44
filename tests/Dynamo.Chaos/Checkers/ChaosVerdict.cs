using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Checkers;

/// <summary>What the checkers found in a history and its ending.</summary>
/// <param name="Lost">Acknowledged puts, and values that a client was shown, that are neither there nor replaced by who had read them.</param>
/// <param name="Resurrected">Versions that are there although an acknowledged write had replaced them.</param>
/// <param name="Diverged">Keys whose owners do not hold the same.</param>
/// <param name="Findings">A sentence for each of those, and for whatever else is wrong.</param>
internal sealed record ChaosVerdict(int Lost, int Resurrected, int Diverged, IReadOnlyList<string> Findings)
{
    /// <summary>Asks every checker.</summary>
    /// <param name="history">Every operation.</param>
    /// <param name="ending">What became of it.</param>
    /// <param name="contexts">What the nodes make contexts with.</param>
    public static ChaosVerdict Of(IReadOnlyCollection<HistoryLine> history, RunEnding ending, ContextCodec contexts)
    {
        var findings = new List<string>();
        var byKey = history.ToLookup(static line => line.Key);
        int lost = 0, resurrected = 0, diverged = 0;
        foreach (var key in ending.Keys)
        {
            var lines = byKey[key.Key].ToList();
            lost += Add(Survival.Lost(lines, key));
            resurrected += Add(Survival.Resurrected(lines, key, contexts));
            diverged += Add(Agreement.Diverged(key));
            Add(Agreement.Phantoms(lines, key));
            Add(Agreement.WrongLastReads(lines, key));
        }

        if (ending.HintsLeft > 0) findings.Add($"{ending.HintsLeft} hints are left though every node was there.");
        return new ChaosVerdict(lost, resurrected, diverged, findings);

        int Add(IEnumerable<string> sentences)
        {
            var before = findings.Count;
            findings.AddRange(sentences);
            return findings.Count - before;
        }
    }
}
