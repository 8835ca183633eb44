using System.Text.Json;
using Dynamo.Core;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Http;

/// <summary>A bucket's properties: GET, PUT (which changes only what it names) and DELETE (back to the standard ones).</summary>
internal static class PropertiesEndpoint
{
    private const int MaxBytes = 64 * 1024;

    private const string Shape =
        "bucket PUT must be a JSON object of the form:\n{\"props\":{...bucket properties...}}";

    public static Task Get(Exchange x)
    {
        var properties = x.Node.Properties(x.Bucket);
        return Answer.Json(x, json =>
        {
            json.WriteStartObject();
            Write(json, x.Bucket, properties);
            json.WriteEndObject();
        });
    }

    public static async Task Put(Exchange x)
    {
        if (!MediaTypeHeaderValue.TryParse(x.Request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            await Answer.Text(x, 415, "Properties are taken as application/json.");
            return;
        }

        if (await BodyReader.Read(x.Request, MaxBytes, x.Aborted) is not { } body)
        {
            await Answer.Text(x, 413, $"The properties have more than {MaxBytes} bytes.");
            return;
        }

        var wrong = Apply(body, x.Node.Properties(x.Bucket), out var changed);
        if (wrong.Length == 0) wrong = changed.Check();
        if (wrong.Length > 0)
            await Answer.Text(x, 400, wrong);
        else
            await Set(x, changed);
    }

    public static Task Reset(Exchange x) => Set(x, null);

    /// <summary>Writes <c>"props":{…}</c>.</summary>
    public static void Write(Utf8JsonWriter json, string bucket, BucketProperties properties)
    {
        json.WriteStartObject("props");
        json.WriteString("name", bucket);
        json.WriteBoolean("allow_mult", properties.AllowMult);
        json.WriteBoolean("basic_quorum", properties.BasicQuorum);
        WriteSize(json, "dw", properties.DW);
        json.WriteBoolean("last_write_wins", properties.LastWriteWins);
        json.WriteNumber("n_val", properties.NVal);
        json.WriteBoolean("notfound_ok", properties.NotFoundOk);
        WriteSize(json, "pr", properties.PR);
        WriteSize(json, "pw", properties.PW);
        WriteSize(json, "r", properties.R);
        WriteSize(json, "w", properties.W);
        json.WriteEndObject();
    }

    /// <summary>Applies a PUT's body to properties; "" when it could be read, else one sentence.</summary>
    public static string Apply(ReadOnlyMemory<byte> body, BucketProperties properties, out BucketProperties changed)
    {
        changed = properties;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("props", out var props)
                || props.ValueKind != JsonValueKind.Object) return Shape;
            foreach (var property in props.EnumerateObject())
                if (Apply(property, ref changed) is { } wrong) return wrong;
            return "";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name or text with half a surrogate pair.
            return Shape;
        }
    }

    private static async Task Set(Exchange x, BucketProperties? properties)
    {
        var error = await x.Node.SetProperties(x.Bucket, properties);
        await (error.Length == 0 ? Answer.Empty(x, 204) : Answer.Text(x, 503, error));
    }

    private static void WriteSize(Utf8JsonWriter json, string name, QuorumSize size)
    {
        if (size.Number is { } number) json.WriteNumber(name, number);
        else json.WriteString(name, (size.IsDefault ? QuorumSize.Quorum : size).ToString());
    }

    // Properties that are not known are ignored, as in Riak: clients send back all they were shown.
    private static string? Apply(JsonProperty property, ref BucketProperties to)
    {
        var (name, value) = (property.Name, property.Value);
        switch (name)
        {
            case "n_val" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var n):
                to = to with { NVal = n };
                return null;
            case "n_val":
                return $"n_val must be an integer, 1 to {BucketProperties.MaxNVal}.";
            case "r" or "w" or "pr" or "pw" or "dw":
                if (!TryReadSize(value, out var size))
                    return $"{name} must be an integer or one of the words quorum, all, one, default.";
                to = name switch
                {
                    "r" => to with { R = size },
                    "w" => to with { W = size },
                    "pr" => to with { PR = size },
                    "pw" => to with { PW = size },
                    _ => to with { DW = size },
                };
                return null;
            case "notfound_ok" or "basic_quorum" or "allow_mult" or "last_write_wins":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return $"{name} must be true or false.";
                var flag = value.GetBoolean();
                to = name switch
                {
                    "notfound_ok" => to with { NotFoundOk = flag },
                    "basic_quorum" => to with { BasicQuorum = flag },
                    "allow_mult" => to with { AllowMult = flag },
                    _ => to with { LastWriteWins = flag },
                };
                return null;
            default:
                return null;
        }
    }

    private static bool TryReadSize(JsonElement value, out QuorumSize size)
    {
        size = default;
        return value.ValueKind switch
        {
            JsonValueKind.String => QuorumSize.TryParse(value.GetString(), out size),
            JsonValueKind.Number => value.TryGetByte(out var number) && QuorumSize.TryParse(number.ToString(), out size),
            _ => false,
        };
    }
}
