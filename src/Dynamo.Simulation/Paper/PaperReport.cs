using System.Collections.Immutable;

namespace Dynamo.Simulation;

/// <summary>What an experiment found, beside what was published.</summary>
public sealed record PaperReport
{
    /// <summary>The experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>What everything was drawn from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How it was done: sizes, distributions, what differs from the paper; a sentence each.</summary>
    public required ImmutableArray<string> Setting { get; init; }

    /// <summary>The names of the columns of <see cref="Rows"/>, each a word.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>Every figure, in the order of <see cref="Columns"/>; no cell holds a comma but clocks, which are quoted.</summary>
    public required ImmutableArray<ImmutableArray<string>> Rows { get; init; }

    /// <summary>The few figures that are compared.</summary>
    public required ImmutableArray<PaperComparison> Comparisons { get; init; }

    /// <summary>How this system compares, one sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>Whether what the paper claims, or this project, is so here.</summary>
    public required bool Holds { get; init; }

    /// <summary>The same as a picture.</summary>
    public required PaperChart Chart { get; init; }

    /// <summary>All rows as comma-separated text with a line of names, ended by a line feed.</summary>
    public string ToCsv()
    {
        var lines = Rows.Select(static row => string.Join(',', row.Select(Quote))).Prepend(string.Join(',', Columns));
        return string.Join('\n', lines) + "\n";
    }

    private static string Quote(string cell) => cell.Contains(',') ? $"\"{cell}\"" : cell;
}

/// <summary>One figure of the paper's and ours.</summary>
/// <param name="What">What was measured, with its unit.</param>
/// <param name="Published">The published figure; "-" when there is none.</param>
/// <param name="Ours">Ours.</param>
public sealed record PaperComparison(string What, string Published, string Ours);
