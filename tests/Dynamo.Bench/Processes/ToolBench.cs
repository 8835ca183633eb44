using System.Text.Json;
using Dynamo.Bench.Figures;

namespace Dynamo.Bench.Processes;

/// <summary><c>dynamo bench</c> in a process of its own.</summary>
internal static class ToolBench
{
    private static readonly (string Property, string Figure)[] Latencies =
        [("p50", Sample.AllP50), ("p99", Sample.AllP99), ("p999", Sample.AllP999), ("max", "all_max_ms")];

    /// <summary>Carries out a closed loop.</summary>
    public static async Task<Sample> Run(Place place, string name, int clients, string[] options, CancellationToken cancel)
    {
        await using var process = ChildProcess.Start(
            "tool", place,
            [
                place.Programs.Tool, "bench", "--json", "--clients", $"{clients}", "--seconds", $"{place.Seconds}", "--warm-up", $"{place.WarmUp}",
                .. options,
            ]);
        return Read(name, await process.Line(static line => line.StartsWith('{'), Load.Patience, cancel));
    }

    /// <summary>Reads its one line of JSON.</summary>
    public static Sample Read(string name, string line)
    {
        using var json = JsonDocument.Parse(line);
        var stretch = json.RootElement.GetProperty("stretches")[0];
        var (outcomes, ops) = (stretch.GetProperty("outcomes"), stretch.GetProperty("ops_per_second").GetDouble());
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal) { [Sample.OpsPerSecond] = ops };
        if (outcomes.GetProperty("accepted") is { ValueKind: JsonValueKind.Object } accepted)
            foreach (var (property, figure) in Latencies) figures[figure] = accepted.GetProperty(property).GetDouble();
        if (ops > 0) figures[Sample.ClientMicroseconds] = Math.Round(json.RootElement.GetProperty("client_processors").GetDouble() * 1e6 / ops, 2);
        var errors = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var kind in (string[])["refused", "unavailable", "timed_out", "failed"])
            if (outcomes.GetProperty(kind).GetInt64() is var count and > 0) errors[kind] = count;
        return new Sample(name, figures, errors);
    }
}
