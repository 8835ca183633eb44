namespace Dynamo.Bench.Figures;

/// <summary>What one figure came to in all rounds.</summary>
/// <param name="Median">The middle one; the mean of the middle two when their number is even.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>The spread of some values; null when there is none.</summary>
    public static Spread? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) return null;
        var median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
