using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dynamo.Telemetry;

/// <summary>Writes events as lines of a log.</summary>
/// <remarks>
/// <code>
///   2026-11-20T07:40:09.123Z WARN  dynamo.ring: node3 is unreachable. event=node_unreachable node=node1 peer=node3
///   {"time":"2026-11-20T07:40:09.123Z","level":"warning","event":"node_unreachable","source":"dynamo.ring", ... }
/// </code>
/// Always one line: whatever would break it is escaped.
/// </remarks>
public static class EventText
{
    // Quotation marks and what is not ASCII stay readable: a log is no web page.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly SearchValues<char> Ambiguous = SearchValues.Create(" \"=\r\n\t");

    /// <summary>The line for an event, without a line's end.</summary>
    public static string Line(LogFormat format, DateTime at, NodeEvent said) =>
        format == LogFormat.Json ? Json(at, said) : Text(at, said);

    private static string Text(DateTime at, NodeEvent said)
    {
        var line = new StringBuilder(160).Append(Stamp(at)).Append(' ').Append(Level(said.Level)).Append(' ')
            .Append(said.Source).Append(": ");
        AppendOnOneLine(line, said.Sentence);
        line.Append(" event=").Append(said.Name);
        foreach (var (name, value) in said.Fields)
        {
            line.Append(' ').Append(name).Append('=');
            AppendValue(line, Value(value));
        }

        return line.ToString();
    }

    private static string Json(DateTime at, NodeEvent said)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("time", Stamp(at));
            json.WriteString("level", said.Level switch { EventLevel.Error => "error", EventLevel.Warning => "warning", EventLevel.Info => "info", _ => "debug" });
            json.WriteString("event", said.Name);
            json.WriteString("source", said.Source);
            json.WriteString("message", said.Sentence);
            foreach (var (name, value) in said.Fields) Write(json, name, value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, Value(value));
                break;
        }
    }

    private static string Stamp(DateTime at) => at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Level(EventLevel level) => level switch
    {
        EventLevel.Error => "ERROR",
        EventLevel.Warning => "WARN ",
        EventLevel.Info => "INFO ",
        _ => "DEBUG",
    };

    private static string Value(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    // In quotation marks where a blank, a quotation mark or nothing at all would make it unclear where the value ends.
    private static void AppendValue(StringBuilder line, string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAny(Ambiguous))
        {
            AppendOnOneLine(line, value);
            return;
        }

        line.Append('"');
        AppendOnOneLine(line, value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        line.Append('"');
    }

    private static void AppendOnOneLine(StringBuilder line, string text)
    {
        foreach (var character in text)
        {
            if (character == '\n') line.Append("\\n");
            else if (!char.IsControl(character)) line.Append(character);
        }
    }
}
