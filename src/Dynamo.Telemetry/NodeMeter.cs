using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dynamo.Core;

namespace Dynamo.Telemetry;

/// <summary>The <see cref="Meter"/> named Dynamo: what an exporter of OpenTelemetry, or <c>dotnet-counters</c>, listens to.</summary>
/// <remarks>
/// One for the process. Counters and gauges are read off the nodes when a listener asks; histograms are told as things happen, since
/// a listener counts those itself. Each value says by the tags <c>cluster</c> and <c>node</c> which node it is of. Without a
/// listener nothing is read and nothing told.
/// </remarks>
public static class NodeMeter
{
    /// <summary>The name to listen to, of the meter and of the activity source.</summary>
    public const string Name = "Dynamo";

    private static readonly Lock Gate = new();
    private static readonly Meter Meter = new(Name, Build.Version);
    private static readonly Histogram<double> RequestDuration = Make(MetricCatalogue.RequestDuration, Histogram.Seconds);
    private static readonly Histogram<double> GetSiblings = Make(MetricCatalogue.GetSiblings, Histogram.Numbers);
    private static readonly Histogram<double> GetBytes = Make(MetricCatalogue.GetBytes, Histogram.Bytes);
    private static readonly Histogram<double> PutBytes = Make(MetricCatalogue.PutBytes, Histogram.Bytes);
    private static readonly Histogram<double> CommitDuration = Make(MetricCatalogue.CommitDuration, Histogram.Seconds);
    private static readonly Histogram<double> CommitWrites = Make(MetricCatalogue.CommitWrites, Histogram.Numbers);
    private static ImmutableArray<NodeTelemetry> _nodes = [];
    private static bool _made;

    internal static void Add(NodeTelemetry node)
    {
        lock (Gate)
        {
            _nodes = _nodes.Add(node);
            if (_made) return;
            _made = true;
            foreach (var metric in MetricCatalogue.All) MakeObservable(metric);
        }
    }

    internal static void Remove(NodeTelemetry node)
    {
        lock (Gate) _nodes = _nodes.Remove(node);
    }

    internal static void Tell(NodeTelemetry node, Observation.RequestEnded ended)
    {
        if (RequestDuration.Enabled)
            RequestDuration.Record(ended.Took.TotalSeconds, new TagList
            {
                { "cluster", node.Cluster }, { "node", node.Node }, { "operation", ended.Operation }, { "outcome", OutcomeNames.Of(ended.Outcome) },
            });
        if (ended is { Outcome: Found found, Operation: "get" })
        {
            if (GetSiblings.Enabled) GetSiblings.Record(found.Siblings.Length, TagsOf(node));
            if (GetBytes.Enabled) GetBytes.Record(found.Siblings.Sum(static s => (long)(s.Value?.Body.Length ?? 0)), TagsOf(node));
        }
        else if (ended is { Outcome: Stored, Operation: "put" } && PutBytes.Enabled)
        {
            PutBytes.Record(ended.Bytes, TagsOf(node));
        }
    }

    internal static void TellCommit(NodeTelemetry node, TimeSpan took, int writes)
    {
        if (CommitDuration.Enabled) CommitDuration.Record(took.TotalSeconds, TagsOf(node));
        if (CommitWrites.Enabled) CommitWrites.Record(writes, TagsOf(node));
    }

    private static TagList TagsOf(NodeTelemetry node) => new() { { "cluster", node.Cluster }, { "node", node.Node } };

    private static Histogram<double> Make(Metric metric, ImmutableArray<double> bounds) => Meter.CreateHistogram(
        metric.Instrument, metric.Unit, metric.Help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private static void MakeObservable(Metric metric)
    {
        if (metric.Kind == MetricKind.Counter)
            Meter.CreateObservableCounter(metric.Instrument, () => Observe(metric), metric.Unit, metric.Help);
        else if (metric.Kind == MetricKind.Gauge)
            Meter.CreateObservableGauge(metric.Instrument, () => Observe(metric), metric.Unit, metric.Help);
    }

    private static IEnumerable<Measurement<double>> Observe(Metric metric)
    {
        ImmutableArray<NodeTelemetry> nodes;
        lock (Gate) nodes = _nodes;
        foreach (var node in nodes)
        {
            if (node.TryReadLately() is not { } reading) continue;
            foreach (var sample in metric.Read(reading))
                yield return sample.Label.Length == 0
                    ? new Measurement<double>(sample.Value, new("cluster", node.Cluster), new("node", node.Node))
                    : new Measurement<double>(
                        sample.Value, new("cluster", node.Cluster), new("node", node.Node), new(sample.Label, sample.Of));
        }
    }
}
