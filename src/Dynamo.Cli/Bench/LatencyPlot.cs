using Spectre.Console;

namespace Dynamo.Cli.Bench;

/// <summary>How long operations took, as bars.</summary>
internal static class LatencyPlot
{
    private const int Width = 72;

    /// <summary>Draws percentiles.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="title">What they are of.</param>
    /// <param name="percentiles">A label and milliseconds each, rising.</param>
    public static void Draw(Terminal terminal, string title, params ReadOnlySpan<(string Label, double Milliseconds)> percentiles)
    {
        var chart = new BarChart().Width(Width).Label(Markup.Escape($"{title}, ms")).LeftAlignLabel();
        foreach (var (label, milliseconds) in percentiles)
            chart.AddItem(Markup.Escape(label), Math.Round(milliseconds, 2), Color.Green);
        terminal.Pretty.Write(chart);
    }

    /// <summary>Draws what a stretch's operations took.</summary>
    public static void Draw(Terminal terminal, StretchReport stretch)
    {
        if (stretch.Outcomes.Accepted is not { } took) return;
        var title = stretch.Rate is { } rate ? $"latency at {rate:0}/s" : "latency";
        Draw(terminal, title, ("p50", took.P50), ("p90", took.P90), ("p99", took.P99), ("p99.9", took.P999), ("max", took.Max));
    }
}
