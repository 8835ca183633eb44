using System.Collections.Immutable;

namespace Dynamo.Simulation;

/// <summary>What a report shows as a picture, without a word of how it is drawn.</summary>
/// <param name="Title">One line above it.</param>
public abstract record PaperChart(string Title);

/// <summary>Curves over one axis.</summary>
/// <param name="Title">One line above it.</param>
/// <param name="X">The axis below.</param>
/// <param name="Y">The axis at the left.</param>
/// <param name="Series">What is drawn, the last on top.</param>
public sealed record CurveChart(string Title, ChartAxis X, ChartAxis Y, ImmutableArray<ChartSeries> Series) : PaperChart(Title);

/// <summary>Groups of bars that begin at nothing.</summary>
/// <param name="Title">One line above it.</param>
/// <param name="Unit">What the bars are measured in.</param>
/// <param name="Names">What the bars of each group are, in order.</param>
/// <param name="Groups">The groups, each with one value for each name.</param>
public sealed record BarChart(
    string Title, string Unit, ImmutableArray<string> Names, ImmutableArray<(string Name, ImmutableArray<double> Values)> Groups)
    : PaperChart(Title);

/// <summary>Versions and which of them each came from.</summary>
/// <param name="Title">One line above it.</param>
/// <param name="Versions">The versions, parents before children.</param>
public sealed record VersionChart(string Title, ImmutableArray<ChartVersion> Versions) : PaperChart(Title);

/// <summary>One axis.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it ends; above <paramref name="From"/>.</param>
/// <param name="IsLogarithmic">Whether equal steps are equal factors; then both ends are above 0.</param>
public sealed record ChartAxis(string Label, double From, double To, bool IsLogarithmic = false);

/// <summary>One thing drawn.</summary>
/// <param name="Name">What it is called in the legend.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="Colour">0..5: things of one colour belong together.</param>
/// <param name="Points">Its points, by rising X.</param>
public sealed record ChartSeries(string Name, SeriesStyle Style, int Colour, ImmutableArray<(double X, double Y)> Points);

/// <summary>How a series is drawn.</summary>
public enum SeriesStyle
{
    /// <summary>A line through its points.</summary>
    Line,

    /// <summary>A broken line: what was published, or promised.</summary>
    Broken,

    /// <summary>A ring at each point.</summary>
    Rings,

    /// <summary>A pale area below its points.</summary>
    Area,
}

/// <summary>One version of an object.</summary>
/// <param name="Name">What the paper calls it.</param>
/// <param name="Clock">Its clock.</param>
/// <param name="Note">Who wrote it.</param>
/// <param name="Column">0..2: left, middle, right.</param>
/// <param name="Row">0 at the top.</param>
/// <param name="Parents">The names of those it came from.</param>
public sealed record ChartVersion(
    string Name, string Clock, string Note, int Column, int Row, ImmutableArray<string> Parents);
