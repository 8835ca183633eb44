using System.Globalization;
using System.Text;
using Dynamo.Telemetry;

namespace Dynamo.Http;

/// <summary>GET /metrics: every number of the node in Prometheus' text format, version 0.0.4.</summary>
internal static class MetricsEndpoint
{
    public static Task Get(Exchange x) =>
        Answer.Bytes(x.Http, 200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(Write(x.Node.Reading())));

    /// <summary>The metrics of a node and of its process.</summary>
    public static string Write(NodeReading node)
    {
        var text = new StringBuilder(32 * 1024);
        Head(text, "dynamo_build_info", "gauge", "1; the labels say what this is.");
        text.Append("dynamo_build_info{cluster=\"").Append(Label(node.Cluster)).Append("\",node=\"").Append(Label(node.Node))
            .Append("\",runtime=\"").Append(node.Runtime).Append("\",version=\"").Append(Build.Version).Append("\"} 1\n");
        foreach (var metric in MetricCatalogue.All) Write(text, metric, node);
        foreach (var metric in ProcessMetrics.All) Write(text, metric, node);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Metric metric, NodeReading node)
    {
        Head(text, metric.Name, metric.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }, metric.Help);
        foreach (var sample in metric.Read(node))
        {
            text.Append(metric.Name);
            if (sample.Label.Length > 0) text.Append('{').Append(sample.Label).Append("=\"").Append(Label(sample.Of)).Append("\"}");
            text.Append(' ').Append(Number(sample.Value)).Append('\n');
        }

        foreach (var buckets in metric.ReadBuckets(node)) Write(text, metric.Name, buckets);
    }

    private static void Write(StringBuilder text, string name, Buckets buckets)
    {
        var labels = string.Join(',', buckets.Labels.Select(static l => $"{l.Name}=\"{Label(l.Value)}\""));
        var before = labels.Length == 0 ? "" : labels + ",";
        var values = buckets.Values;
        var count = 0L;
        for (var i = 0; i <= values.Bounds.Length; i++)
        {
            count += values.Counts[i];
            var bound = i == values.Bounds.Length ? "+Inf" : Number(values.Bounds[i]);
            text.Append(name).Append("_bucket{").Append(before).Append("le=\"").Append(bound).Append("\"} ").Append(count).Append('\n');
        }

        var braces = labels.Length == 0 ? "" : $"{{{labels}}}";
        text.Append(name).Append("_sum").Append(braces).Append(' ').Append(Number(values.Sum)).Append('\n');
        text.Append(name).Append("_count").Append(braces).Append(' ').Append(count).Append('\n');
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    // Whole numbers without a fraction or an exponent, whatever their size.
    private static string Number(double value) => value.ToString(
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? "F0" : "0.#########", CultureInfo.InvariantCulture);

    private static string Label(string text) =>
        text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
