using Dynamo.Core;

namespace Dynamo.Telemetry;

/// <summary>What kind of number a metric is.</summary>
public enum MetricKind
{
    /// <summary>It only grows while the process lives.</summary>
    Counter,

    /// <summary>It is what it is at the moment.</summary>
    Gauge,

    /// <summary>Values counted by size.</summary>
    Histogram,
}

/// <summary>One number, or one family of numbers, that a node tells of itself.</summary>
/// <param name="Name">Its name in Prometheus: base units, <c>_total</c> behind counters.</param>
/// <param name="Kind">What kind of number it is.</param>
/// <param name="Unit">"s", "By" or "" in the notation of OpenTelemetry.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Read">Reads its values off a node; for a histogram see <see cref="Buckets"/>.</param>
public sealed record Metric(string Name, MetricKind Kind, string Unit, string Help, Func<NodeReading, IEnumerable<Sample>> Read)
{
    /// <summary>Reads a histogram's values off a node; empty for what is none.</summary>
    public Func<NodeReading, IEnumerable<Buckets>> ReadBuckets { get; init; } = static _ => [];

    /// <summary>
    /// Its name as an instrument of the meter: without the unit and <c>_total</c>, which exporters to Prometheus add, so that both
    /// ways lead to the same name.
    /// </summary>
    public string Instrument
    {
        get
        {
            var name = Kind == MetricKind.Counter && Name.EndsWith("_total", StringComparison.Ordinal) ? Name[..^6] : Name;
            var suffix = Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            return suffix.Length > 0 && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
        }
    }
}

/// <summary>One value of a metric.</summary>
/// <param name="Value">The value.</param>
/// <param name="Label">What tells it from its siblings; empty when it is the only one.</param>
/// <param name="Of">The label's value.</param>
public readonly record struct Sample(double Value, string Label = "", string Of = "");

/// <summary>One histogram of a family.</summary>
/// <param name="Values">Its values.</param>
/// <param name="Labels">What tells it from its siblings.</param>
public readonly record struct Buckets(HistogramSnapshot Values, params (string Name, string Value)[] Labels);
