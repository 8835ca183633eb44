using Dynamo.Simulation;

namespace Dynamo.Cli.Paper;

/// <summary>Draws a <see cref="BarChart"/>: each bar with its value above it.</summary>
internal static class SvgBars
{
    private const int Width = 960, Height = 480, Left = 40, Top = 70, Right = 700, Bottom = 420, Gap = 24;

    public static string Draw(BarChart chart)
    {
        var page = new SvgPage(Width, Height);
        page.Text(Left, 28, $"{chart.Title}, {chart.Unit}", size: 16);
        var most = chart.Groups.Max(static group => group.Values.Max());
        var group = (double)(Right - Left) / chart.Groups.Length;
        var bar = (group - Gap) / chart.Names.Length;
        for (var g = 0; g < chart.Groups.Length; g++)
        {
            var (name, values) = chart.Groups[g];
            for (var b = 0; b < values.Length; b++)
            {
                var height = values[b] / most * (Bottom - Top);
                var x = Left + (g * group) + (Gap / 2.0) + (b * bar);
                page.Box(x, Bottom - height, bar - 3, height, SvgPage.Colour(b));
                page.Text(x + ((bar - 3) / 2), Bottom - height - 5, $"{values[b]:0.#}", "middle", 11);
            }

            page.Text(Left + ((g + 0.5) * group), Bottom + 20, name, "middle");
        }

        page.Line(Left, Bottom, Right, Bottom, "#222");
        for (var b = 0; b < chart.Names.Length; b++)
        {
            page.Box(Right + 20, Top + (b * 24), 14, 14, SvgPage.Colour(b));
            page.Text(Right + 42, Top + 12 + (b * 24), chart.Names[b], size: 12);
        }

        return page.ToString();
    }
}
