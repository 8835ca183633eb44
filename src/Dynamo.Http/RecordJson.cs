using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>A record for people and tests: its clock, and its siblings with their dots.</summary>
internal static class RecordJson
{
    /// <summary>The longest body shown; of longer ones only the length is.</summary>
    private const int MaxShownBytes = 1024;

    public static void Write(Utf8JsonWriter json, Record record)
    {
        json.WriteStartObject();
        json.WriteStartArray("clock");
        foreach (var range in record.Clock.Ranges)
        {
            json.WriteStartObject();
            WriteReplica(json, range.Replica);
            json.WriteNumber("first", range.First);
            json.WriteNumber("last", range.Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("deleted", record.IsDeleted);
        json.WriteStartArray("siblings");
        foreach (var sibling in record.Siblings) Write(json, sibling, MaxShownBytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One version; its body when it has at most <paramref name="maxShownBytes"/> bytes.</summary>
    public static void Write(Utf8JsonWriter json, Sibling sibling, int maxShownBytes)
    {
        json.WriteStartObject();
        json.WriteStartObject("dot");
        WriteReplica(json, sibling.Dot.Replica);
        json.WriteNumber("counter", sibling.Dot.Counter);
        json.WriteEndObject();
        json.WriteString("vtag", Vtag.Of(sibling.Dot));
        json.WriteNumber("timestamp", sibling.Timestamp);
        json.WriteBoolean("tombstone", sibling.IsTombstone);
        if (sibling.Value is { } value)
        {
            json.WriteString("content_type", value.ContentType);
            json.WriteString("content_encoding", value.ContentEncoding);
            json.WriteStartObject("metadata");
            foreach (var (name, text) in value.Metadata) json.WriteString(name, text);
            json.WriteEndObject();
            json.WriteNumber("bytes", value.Body.Length);
            if (value.Body.Length <= maxShownBytes) json.WriteBase64String("value", value.Body.Span);
        }

        json.WriteEndObject();
    }

    // A generation is a 64-bit number, more than JSON readers keep exactly: hence hexadecimal text.
    private static void WriteReplica(Utf8JsonWriter json, ReplicaId replica)
    {
        json.WriteString("node", replica.Node.Name);
        json.WriteString("generation", replica.Generation.ToString("x16"));
    }
}
