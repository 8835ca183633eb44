namespace Dynamo.Bench.Figures;

/// <summary>What a figure of one sample is to that of another: only figures of the same round are compared.</summary>
/// <param name="Of">The sample that is judged.</param>
/// <param name="To">The sample that it is held against.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Goal">What it is to come to; null when nobody promises anything.</param>
internal sealed record Comparison(string Of, string To, string Figure, Goal? Goal = null)
{
    /// <summary>The ratio of each round in which both were measured.</summary>
    public IReadOnlyList<double> Ratios(IEnumerable<IReadOnlyList<Sample>> rounds) =>
        [.. Pairs(rounds).Where(static p => p.To != 0).Select(static p => p.Of / p.To)];

    /// <summary>What it comes to; null when the two were never measured in the same round.</summary>
    public ComparisonReport? Report(IReadOnlyList<IReadOnlyList<Sample>> rounds)
    {
        if (Spread.Of(Ratios(rounds)) is not { } ratio) return null;
        var (of, to) = (Spread.Of(Pairs(rounds).Select(static p => p.Of))!.Value, Spread.Of(Pairs(rounds).Select(static p => p.To))!.Value);
        return new ComparisonReport(Of, To, Figure, ratio, Goal?.Sentence, Goal?.IsMet(ratio.Median, of.Median, to.Median));
    }

    private IEnumerable<(double Of, double To)> Pairs(IEnumerable<IReadOnlyList<Sample>> rounds)
    {
        foreach (var round in rounds)
            if (Value(round, Of) is { } of && Value(round, To) is { } to) yield return (of, to);
    }

    private double? Value(IReadOnlyList<Sample> round, string name) =>
        round.FirstOrDefault(s => s.Name == name) is { } sample && sample.Figures.TryGetValue(Figure, out var value) ? value : null;
}

/// <summary>What a comparison, or a figure, is to come to.</summary>
/// <param name="Sentence">The goal in words.</param>
/// <param name="IsMet">Whether the median ratio and the two medians meet it.</param>
internal sealed record Goal(string Sentence, Func<double, double, double, bool> IsMet)
{
    /// <summary>The ratio is at least so much.</summary>
    public static Goal AtLeast(double least) => new(FormattableString.Invariant($">= {least}"), (ratio, _, _) => ratio >= least);

    /// <summary>The ratio is at most so much.</summary>
    public static Goal AtMost(double most) => new(FormattableString.Invariant($"<= {most}"), (ratio, _, _) => ratio <= most);

    /// <summary>What is judged is at most so much above what it is held against.</summary>
    public static Goal AtMostMore(double more) => new(FormattableString.Invariant($"at most {more} more"), (_, of, to) => of - to <= more);

    /// <summary>What is judged is lower than what it is held against.</summary>
    public static readonly Goal Lower = new("< 1", static (ratio, _, _) => ratio < 1);

    /// <summary>What is judged is at most a tenth, or a millisecond, above what it is held against.</summary>
    public static readonly Goal RaisedLittle = new(
        "raised by at most max(10 %, 1 ms)", static (_, of, to) => of - to <= Math.Max(to / 10, 1));
}

/// <summary>What a comparison came to.</summary>
internal sealed record ComparisonReport(string Of, string To, string Figure, Spread Ratio, string? Goal, bool? IsMet);

/// <summary>What a figure's median is to stay below.</summary>
/// <param name="Of">The sample.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Below">The limit.</param>
internal sealed record Limit(string Of, string Figure, double Below)
{
    /// <summary>What it comes to; null when it was never measured.</summary>
    public LimitReport? Report(IEnumerable<IReadOnlyList<Sample>> rounds)
    {
        var values = rounds.SelectMany(static r => r).Where(s => s.Name == Of && s.Figures.ContainsKey(Figure)).Select(s => s.Figures[Figure]);
        return Spread.Of(values) is { } seen ? new LimitReport(Of, Figure, seen, Below, seen.Median < Below) : null;
    }
}

/// <summary>What a limited figure came to.</summary>
internal sealed record LimitReport(string Of, string Figure, Spread Seen, double Below, bool IsMet);
