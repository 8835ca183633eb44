using Dynamo.Simulation;

namespace Dynamo.Cli.Paper;

/// <summary>Draws a <see cref="CurveChart"/>: curves at the left, what they are at the right.</summary>
internal static class SvgCurves
{
    private const int Width = 960, Height = 480, Left = 70, Top = 50, Right = 650, Bottom = 420;

    public static string Draw(CurveChart chart)
    {
        var page = new SvgPage(Width, Height);
        page.Text(Left, 28, chart.Title, size: 16);
        Grid(page, chart);
        foreach (var series in chart.Series) Draw(page, chart, series);
        var y = Top + 10;
        foreach (var series in chart.Series)
        {
            Sample(page, series, Right + 20, y);
            page.Text(Right + 56, y + 4, series.Name, size: 12);
            y += 22;
        }

        return page.ToString();
    }

    private static void Grid(SvgPage page, CurveChart chart)
    {
        foreach (var value in Ticks(chart.X))
        {
            page.Line(X(chart, value), Top, X(chart, value), Bottom, "#e6e6e6");
            page.Text(X(chart, value), Bottom + 18, Number(value), "middle", 12);
        }

        foreach (var value in Ticks(chart.Y))
        {
            page.Line(Left, Y(chart, value), Right, Y(chart, value), "#e6e6e6");
            page.Text(Left - 8, Y(chart, value) + 4, Number(value), "end", 12);
        }

        page.Line(Left, Bottom, Right, Bottom, "#222");
        page.Line(Left, Top, Left, Bottom, "#222");
        page.Text((Left + Right) / 2.0, Bottom + 42, chart.X.Label, "middle");
        page.Text(22, (Top + Bottom) / 2.0, chart.Y.Label, "middle", isUpright: true);
    }

    private static void Draw(SvgPage page, CurveChart chart, ChartSeries series)
    {
        var colour = SvgPage.Colour(series.Colour);
        List<(double X, double Y)> points = [.. series.Points.Select(p => (X(chart, p.X), Y(chart, p.Y)))];
        switch (series.Style)
        {
            case SeriesStyle.Rings:
                foreach (var (x, y) in points) page.Ring(x, y, colour);
                break;
            case SeriesStyle.Area:
                page.Area([(points[0].X, Bottom), .. points, (points[^1].X, Bottom)], colour);
                break;
            default:
                page.Path(points, colour, series.Style == SeriesStyle.Broken);
                break;
        }
    }

    private static void Sample(SvgPage page, ChartSeries series, double x, double y)
    {
        var colour = SvgPage.Colour(series.Colour);
        if (series.Style == SeriesStyle.Rings) page.Ring(x + 14, y, colour);
        else if (series.Style == SeriesStyle.Area) page.Area([(x, y - 6), (x + 28, y - 6), (x + 28, y + 6), (x, y + 6)], colour);
        else page.Path([(x, y), (x + 28, y)], colour, series.Style == SeriesStyle.Broken);
    }

    private static double X(CurveChart chart, double value) => Left + (Place(chart.X, value) * (Right - Left));

    private static double Y(CurveChart chart, double value) => Bottom - (Place(chart.Y, value) * (Bottom - Top));

    // What lies beyond an end is drawn at it.
    private static double Place(ChartAxis axis, double value) => Math.Clamp(
        axis.IsLogarithmic
            ? Math.Log(value / axis.From) / Math.Log(axis.To / axis.From)
            : (value - axis.From) / (axis.To - axis.From), 0, 1);

    private static IEnumerable<double> Ticks(ChartAxis axis)
    {
        if (axis.IsLogarithmic)
        {
            for (var power = Math.Ceiling(Math.Log10(axis.From) - 1e-9); power <= Math.Log10(axis.To) + 1e-9; power++)
                yield return Math.Pow(10, power);
            yield break;
        }

        // Five to ten steps of 1, 2 or 5 times a power of ten.
        var rough = (axis.To - axis.From) / 10;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = unit * (rough / unit) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        for (var i = Math.Ceiling((axis.From / step) - 1e-9); i * step <= axis.To + (step * 1e-9); i++)
            yield return (i * step) + 0.0; // So that -0 becomes 0.
    }

    private static string Number(double value) => value >= 1_000 ? $"{value:#,0}" : $"{value:0.###}";
}
