using Dynamo.Simulation;

namespace Dynamo.Cli.Paper;

/// <summary>Draws a <see cref="VersionChart"/>: a box for each version, and lines to those it came from.</summary>
internal static class SvgVersions
{
    private const int Width = 820, Top = 60, BoxWidth = 230, BoxHeight = 52, RowHeight = 96;

    public static string Draw(VersionChart chart)
    {
        var page = new SvgPage(Width, Top + (RowHeight * (1 + chart.Versions.Max(static v => v.Row))));
        page.Text(30, 28, chart.Title, size: 16);
        var byName = chart.Versions.ToDictionary(static v => v.Name);
        foreach (var version in chart.Versions)
            foreach (var parent in version.Parents)
                page.Line(Middle(byName[parent]), Above(byName[parent]) + BoxHeight, Middle(version), Above(version), "#888", 1.5);
        foreach (var version in chart.Versions)
        {
            page.Box(Middle(version) - (BoxWidth / 2.0), Above(version), BoxWidth, BoxHeight, "#f4f7f9", SvgPage.Colour(2), 6);
            page.Text(Middle(version), Above(version) + 22, $"{version.Name} {version.Clock}", "middle", 14);
            page.Text(Middle(version), Above(version) + 41, version.Note, "middle", 12);
        }

        return page.ToString();
    }

    private static double Middle(ChartVersion version) => 150 + (version.Column * 260);

    private static double Above(ChartVersion version) => Top + (version.Row * RowHeight);
}
