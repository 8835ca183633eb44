using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dynamo.Telemetry.Tests;

/// <summary>The documents, the dashboard and the alert rules speak of the numbers that a running node tells, and of all of them.</summary>
public class DocumentedTests(LiveNode node) : IClassFixture<LiveNode>
{
    private const string Metric = "(?:dynamo|process|dotnet)_[a-z0-9_]+";

    [Fact]
    public void Every_metric_is_documented_and_every_documented_one_is_there()
    {
        var documented = Rows("docs/metrics.md", "## /metrics", "## The meter").Select(static cells => cells[1]).ToList();
        Assert.True(documented.Count > 50, $"only {documented.Count} metrics were found in the document");
        Assert.Equal(node.MetricNames.Order(), documented.Select(static cell => cell.Trim('`')).Order());
    }

    [Fact]
    public void The_document_has_each_metrics_type_and_labels()
    {
        foreach (var cells in Rows("docs/metrics.md", "## /metrics", "## The meter"))
        {
            var name = cells[1].Trim('`');
            Assert.Contains($"# TYPE {name} {cells[2]}", node.Metrics);
            var labels = node.Metrics.Where(l => Regex.IsMatch(l, $$"""^{{name}}(_bucket|_sum|_count)?[ {]"""))
                .SelectMany(static l => Regex.Matches(l, """([a-z_]+)="[^"]*"[,}]""").Select(static m => m.Groups[1].Value))
                .Where(static l => l != "le").Distinct().Order();
            // A label may be absent from a healthy node, as that of hints is; none may be undocumented.
            Assert.Empty(labels.Except(Regex.Matches(cells[4], "`([a-z_]+)`").Select(static m => m.Groups[1].Value)));
            Assert.True(cells[5].Length > 10, $"{name} has no meaning");
        }
    }

    [Fact]
    public void Every_stat_is_documented_and_every_documented_one_is_there()
    {
        var documented = Rows("docs/metrics.md", "## /stats", "\0").SelectMany(static cells => Names(cells[1])).ToList();
        Assert.True(documented.Count > 90, $"only {documented.Count} stats were found in the document");
        Assert.Equal(node.Stats.Order(), documented.Order());
    }

    [Fact]
    public void Every_event_is_documented_and_every_documented_one_is_there()
    {
        var documented = Rows("docs/logs.md", "| event |", "\0").Select(static cells => Regex.Match(cells[1], "`([a-z_]+)`").Groups[1].Value);
        Assert.Equal(EventNames.All.Order(), documented.Order());
    }

    [Fact]
    public void The_dashboard_shows_only_what_is_there()
    {
        using var dashboard = JsonDocument.Parse(Repository.Text("config/grafana-dashboard.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(static p => p.GetProperty("type").GetString() != "row").ToList();
        Assert.True(panels.Count >= 20, $"only {panels.Count} panels");
        foreach (var panel in panels)
        {
            var title = panel.GetProperty("title").GetString()!;
            var queries = panel.GetProperty("targets").EnumerateArray().Select(static t => t.GetProperty("expr").GetString()!).ToList();
            Assert.NotEmpty(queries);
            foreach (var query in queries) AssertKnown(query, title);
        }

        var overlap = panels.Select(static p => p.GetProperty("gridPos").GetRawText()).GroupBy(static g => g).Where(static g => g.Count() > 1);
        Assert.Empty(overlap);
    }

    [Fact]
    public void Alerts_ask_for_what_is_there_and_each_is_explained()
    {
        var rules = Regex.Split(Repository.Text("config/prometheus-alerts.yml"), @"^      - alert: ", RegexOptions.Multiline)[1..];
        Assert.True(rules.Length >= 12, $"only {rules.Length} rules");
        var sections = Repository.Text("docs/alerts.md");
        foreach (var rule in rules)
        {
            var name = rule.Split('\n')[0].Trim();
            var query = Regex.Match(rule, @"expr: (?:>-)?\s*(.+)").Groups[1].Value;
            AssertKnown(query.Replace("up{", "process_start_time_seconds{", StringComparison.Ordinal), name);
            Assert.Matches(@"summary: "".{10,}""", rule);
            var anchor = Regex.Match(rule, @"runbook: docs/alerts\.md#(alert-[a-z-]+)").Groups[1].Value;
            Assert.Contains($"<a id=\"{anchor}\"></a>\n## {name}\n", sections, StringComparison.Ordinal);
        }

        Assert.Equal(rules.Length, Regex.Count(sections, "^## ", RegexOptions.Multiline));
        var linked = Regex.Matches(Repository.Text("docs/metrics.md") + Repository.Text("docs/logs.md"), @"alerts\.md#(alert-[a-z-]+)");
        Assert.All(linked, link => Assert.Contains($"id=\"{link.Groups[1].Value}\"", sections, StringComparison.Ordinal));
    }

    [Fact]
    public void Histograms_are_whole()
    {
        foreach (var name in node.MetricNames.Where(name => node.Metrics.Contains($"# TYPE {name} histogram")))
        {
            foreach (var series in node.Metrics.Where(l => l.StartsWith(name + "_bucket{", StringComparison.Ordinal))
                         .GroupBy(static l => Regex.Replace(l[..l.IndexOf(' ')], """,?le="[^"]*"|_bucket""", "").Replace("{}", "", StringComparison.Ordinal)))
            {
                var counts = series.Select(static l => long.Parse(l.Split(' ')[1])).ToList();
                Assert.Equal(counts.Order(), counts);
                Assert.Contains("le=\"+Inf\"", series.Last(), StringComparison.Ordinal);
                Assert.Contains($"{series.Key.Replace(name, name + "_count", StringComparison.Ordinal)} {counts[^1]}", node.Metrics);
                Assert.Contains(node.Metrics, l => l.StartsWith(series.Key.Replace(name, name + "_sum", StringComparison.Ordinal) + " ", StringComparison.Ordinal));
            }
        }

        Assert.Contains("""dynamo_request_duration_seconds_count{operation="get",outcome="found"} 1""", node.Metrics);
        Assert.Contains("""dynamo_request_duration_seconds_count{operation="get",outcome="not_found"} 1""", node.Metrics);
        Assert.Contains("""dynamo_get_siblings_bucket{le="1"} 0""", node.Metrics);
        Assert.Contains("""dynamo_get_siblings_bucket{le="2"} 1""", node.Metrics);
        Assert.Contains("dynamo_get_bytes_sum 9", node.Metrics);
        Assert.Contains("dynamo_put_bytes_sum 9", node.Metrics);
    }

    private void AssertKnown(string query, string where)
    {
        // What stands in braces are labels and their values.
        var names = Regex.Matches(Regex.Replace(query, @"\{[^}]*\}", ""), Metric).Select(static m => m.Value).ToList();
        Assert.True(names.Count > 0, $"{where} asks for nothing: {query}");
        foreach (var name in names)
        {
            var histogram = Regex.Match(name, "^(.*)_(bucket|sum|count)$") is { Success: true } part
                && node.Metrics.Contains($"# TYPE {part.Groups[1].Value} histogram");
            Assert.True(histogram || node.MetricNames.Contains(name), $"{where} asks for {name}, which no node tells");
        }
    }

    // The cells of each row of the tables between two headings, and the first has names.
    private static IEnumerable<string[]> Rows(string path, string from, string to) => Repository.Lines(path)
        .SkipWhile(l => !l.StartsWith(from, StringComparison.Ordinal)).TakeWhile(l => !l.StartsWith(to, StringComparison.Ordinal))
        .Where(static l => l.StartsWith("| `", StringComparison.Ordinal))
        .Select(static l => l.Split('|').Select(static c => c.Trim()).ToArray());

    // `a`, `b_{x,y}` names a, b_x and b_y.
    private static IEnumerable<string> Names(string cell)
    {
        foreach (Match name in Regex.Matches(cell, "`([^`]+)`"))
        {
            var braces = Regex.Match(name.Groups[1].Value, @"^(.*)\{(.*)\}$");
            if (!braces.Success) yield return name.Groups[1].Value;
            else
                foreach (var ending in braces.Groups[2].Value.Split(',')) yield return braces.Groups[1].Value + ending;
        }
    }
}
