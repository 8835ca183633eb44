using System.Text.Json;
using System.Xml.Linq;
using Dynamo.Cli.Paper;
using Dynamo.Simulation;

namespace Dynamo.Cli.Tests;

/// <summary><c>dynamo paper</c>: what it writes, and that its pictures are pictures.</summary>
public sealed class PaperCommandTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public async Task It_prints_a_comparison_and_writes_figures_and_picture()
    {
        using var folder = new TemporaryFolder();
        var into = Path.Combine(folder.Path, "new");

        var run = await ToolRun.Of("paper", "fig3", "--out", into);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("All five versions have the paper's clocks", run.Text);
        var rows = await File.ReadAllLinesAsync(Path.Combine(into, "fig3.csv"));
        Assert.Equal("version,coordinator,published,ours", rows[0]);
        Assert.Equal("D5,Sx,\"[(Sx,3),(Sy,1),(Sz,1)]\",\"[(Sx,3),(Sy,1),(Sz,1)]\"", rows[5]);
        var texts = XDocument.Load(Path.Combine(into, "fig3.svg")).Descendants(Svg + "text").Select(static t => t.Value).ToList();
        Assert.Contains("D4 [(Sx,2),(Sz,1)]", texts);
    }

    [Fact]
    public async Task As_json_it_is_one_document_with_the_paths()
    {
        using var folder = new TemporaryFolder();

        var run = await ToolRun.Of("paper", "fig8", "--out", folder.Path, "--seed", "3", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var report = JsonDocument.Parse(run.Text).RootElement;
        Assert.Equal(("fig8", 3, true), (
            report.GetProperty("name").GetString(), report.GetProperty("seed").GetInt32(), report.GetProperty("holds").GetBoolean()));
        Assert.True(report.GetProperty("comparisons").GetArrayLength() >= 3);
        Assert.True(File.Exists(report.GetProperty("csv").GetString()) && File.Exists(report.GetProperty("svg").GetString()));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_a_sentence_and_exit_code_1()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var run = await ToolRun.Of("paper", "fig3", "--out", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be written to", run.Error);
    }

    [Fact]
    public void Every_series_is_drawn_within_the_frame_and_named_with_its_marks_escaped()
    {
        var chart = new CurveChart(
            "a < b & c", new ChartAxis("x", 1, 1000, IsLogarithmic: true), new ChartAxis("y", 0, 1),
            [
                new("line", SeriesStyle.Line, 0, [(1, 0), (10, 0.5), (1000, 1)]),
                new("rings", SeriesStyle.Rings, 1, [(100, 0.5), (5000, 2)]),
                new("broken", SeriesStyle.Broken, 2, [(1, 0.25), (1000, 0.25)]),
                new("area", SeriesStyle.Area, 3, [(1, 1), (1000, 1)]),
            ]);

        var page = XDocument.Parse(PaperFiles.Draw(chart));

        var texts = page.Descendants(Svg + "text").Select(static t => t.Value).ToList();
        Assert.Superset(new HashSet<string> { "a < b & c", "line", "rings", "broken", "area", "x", "y", "1,000" }, texts.ToHashSet());
        // Its curve and its sample in the legend.
        var lines = page.Descendants(Svg + "polyline").Select(static l => (string)l.Attribute("points")!).ToList();
        Assert.Equal("70,420 263.3,235 650,50", lines[0]);
        Assert.Equal(4, lines.Count);
        var rings = page.Descendants(Svg + "circle").Select(static c => ((double)c.Attribute("cx")!, (double)c.Attribute("cy")!)).ToList();
        Assert.Equal([(456.7, 235), (650, 50)], rings.Take(2));
        Assert.Equal(2, page.Descendants(Svg + "polygon").Count());
    }

    [Fact]
    public void Bars_are_as_high_as_their_values()
    {
        var page = XDocument.Parse(PaperFiles.Draw(new BarChart("t", "ms", ["a", "b"], [("g", [10, 5])])));

        var heights = page.Descendants(Svg + "rect").Select(static r => (double)r.Attribute("height")!).Skip(1).Take(2).ToList();
        Assert.Equal(2, heights[0] / heights[1], 3);
    }
}
