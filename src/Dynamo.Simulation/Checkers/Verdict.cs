namespace Dynamo.Simulation;

/// <summary>A promise that was broken.</summary>
/// <param name="Checker">Who found it.</param>
/// <param name="Sentence">What happened, with the names that help to find it in the trace.</param>
public sealed record Finding(string Checker, string Sentence);

/// <summary>What all checkers found.</summary>
public sealed class Verdict
{
    private readonly List<Finding> _findings = [];

    /// <summary>Every finding, in the order of the checkers.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Whether there is none.</summary>
    public bool IsClean => _findings.Count == 0;

    /// <summary>Acknowledged writes, and versions shown to a client, that are neither there nor replaced by somebody who had seen them.</summary>
    public int Lost { get; set; }

    /// <summary>Versions that are there although an acknowledged write had replaced them.</summary>
    public int Resurrected { get; set; }

    /// <summary>Keys whose owners do not hold the same.</summary>
    public int Diverged { get; set; }

    /// <summary>Adds a finding.</summary>
    public void Add(Checker checker, string sentence) => _findings.Add(new Finding(checker.Name, sentence));
}
