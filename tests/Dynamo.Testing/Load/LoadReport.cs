using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynamo.Testing.Load;

/// <summary>What a program that drives a load has measured: the one line of JSON that it ends with.</summary>
/// <param name="Program">The program, and what it drove.</param>
/// <param name="Mix">The mix's name.</param>
/// <param name="KeyChoice">How keys were chosen, among <paramref name="Keys"/>.</param>
/// <param name="Keys">How many keys there were.</param>
/// <param name="ValueBytes">The size of values.</param>
/// <param name="InFlight">Operations under way in a closed loop; null for an open one.</param>
/// <param name="Rate">Operations begun per second in an open loop; null for a closed one.</param>
/// <param name="Measured">What was counted.</param>
/// <param name="Apart">What began in the time that is counted by itself; null when there was none.</param>
/// <param name="ClientCpuSeconds">Processor time that the program itself took while it measured.</param>
/// <param name="LoadSeconds">How long writing each key once took before; null when that was not done.</param>
public sealed record LoadReport(
    string Program, string Mix, string KeyChoice, long Keys, int ValueBytes, int? InFlight, long? Rate, LoadCounts Measured, LoadCounts? Apart,
    double ClientCpuSeconds, double? LoadSeconds)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads such a line; null when it is none.</summary>
    public static LoadReport? Parse(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize<LoadReport>(line, Format) is { Measured: not null } report ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What became of the operations that began in some time.</summary>
/// <param name="Seconds">How long that was.</param>
/// <param name="OpsPerSecond">Succeeded operations per second of it.</param>
/// <param name="All">How long those took; null when there was none.</param>
/// <param name="Gets">Likewise gets alone.</param>
/// <param name="Puts">Likewise puts, and gets with the put that followed.</param>
/// <param name="Errors">How many failed, by what they failed with.</param>
public sealed record LoadCounts(
    double Seconds, double OpsPerSecond, LoadLatencies? All, LoadLatencies? Gets, LoadLatencies? Puts, IReadOnlyDictionary<string, long> Errors);

/// <summary>Durations of one kind.</summary>
public sealed record LoadLatencies(long Count, double MeanMs, double P50Ms, double P99Ms, double P999Ms, double MaxMs);
