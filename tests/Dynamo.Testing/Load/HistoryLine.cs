using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynamo.Testing.Load;

/// <summary>What a client asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoadKind>))]
public enum LoadKind
{
    /// <summary>A get.</summary>
    Get,

    /// <summary>A put, with a context or blind.</summary>
    Put,

    /// <summary>A delete with a context.</summary>
    Delete,
}

/// <summary>One operation of a client as the client saw it: a line of a history, in JSON.</summary>
/// <remarks>Every put writes its own number, in ASCII, so that a value names the put it comes from.</remarks>
public sealed record HistoryLine
{
    private static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The number, 1 or more; no two operations of a run have the same.</summary>
    public required long Id { get; init; }

    /// <summary>Who asked.</summary>
    public required string Client { get; init; }

    /// <summary>The node that was asked, from 0; null when a client library chose one.</summary>
    public int? Node { get; init; }

    /// <summary>What was asked for.</summary>
    public required LoadKind Kind { get; init; }

    /// <summary>The key's name.</summary>
    public required string Key { get; init; }

    /// <summary>When it began, in microseconds since 1970, by the clock of the machine.</summary>
    public required long Began { get; init; }

    /// <summary>When it ended, in microseconds since 1970.</summary>
    public required long Ended { get; init; }

    /// <summary>Whether it did what it was asked; a get that finds nothing has.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>Whether a delete found nothing to delete.</summary>
    public bool? Nothing { get; init; }

    /// <summary>Whether it began after everything had healed, to see what is there.</summary>
    public bool? AtTheEnd { get; init; }

    /// <summary>What the node said instead of doing it; null when it succeeded.</summary>
    public string? Error { get; init; }

    /// <summary>The puts whose values the context given had been read with; null for none.</summary>
    public IReadOnlyList<long>? Given { get; init; }

    /// <summary>The context given, in base64; null for none.</summary>
    public string? Context { get; init; }

    /// <summary>The puts whose values the answer showed; null for none.</summary>
    public IReadOnlyList<long>? Shown { get; init; }

    /// <summary>Whether it is a put or delete that was acknowledged.</summary>
    [JsonIgnore]
    public bool IsAcknowledgedWrite => Succeeded && Kind != LoadKind.Get;

    /// <summary>The time now, as histories count it.</summary>
    public static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The line, without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads a line; null when it is none.</summary>
    public static HistoryLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<HistoryLine>(line, Format);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
