using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The JSON body of a request to change the membership, read strictly: a slip must not become another change.</summary>
internal sealed class MembershipBody
{
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Whether force was asked for.</summary>
    public bool Force { get; private set; }

    /// <summary>The weight; null when the body names none.</summary>
    public int? Weight { get; private set; }

    /// <summary>A text of the body; null when the body has none of that name.</summary>
    public string? Text(string name) => _texts.GetValueOrDefault(name);

    /// <summary>Reads a body of these properties; "" when it could be read, else one sentence.</summary>
    /// <param name="bytes">The body; an empty one names nothing.</param>
    /// <param name="known">The properties it may have.</param>
    /// <param name="body">What was read.</param>
    public static string Read(ReadOnlyMemory<byte> bytes, string[] known, out MembershipBody body)
    {
        body = new MembershipBody();
        if (bytes.IsEmpty) return "";
        if (known.Length == 0) return "No body is taken here.";
        var shape = $"The body must be a JSON object with {string.Join(", ", known.Select(static k => $"\"{k}\""))}.";
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return shape;
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!known.Contains(property.Name)) return shape;
                if (body.Take(property.Name, property.Value) is { Length: > 0 } wrong) return wrong;
            }

            return "";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name or text with half a surrogate pair.
            return shape;
        }
    }

    /// <summary>The change of a kind, out of what was read; the sentence is "" when there is one.</summary>
    /// <param name="kind">The last segment of the path.</param>
    /// <param name="at">Where and when it is staged.</param>
    /// <param name="change">The change.</param>
    public string ToChange(string kind, ChangeOrigin at, out MembershipChange change)
    {
        change = null!;
        var origin = at with { By = Text("by") ?? "" };
        var first = kind == "replace" ? "old" : "node";
        if (Name(first, out var node) is { Length: > 0 } wrong) return wrong;
        var newcomer = default(NodeId);
        if (kind == "replace" && Name("new", out newcomer) is { Length: > 0 } wrongNew) return wrongNew;
        if (kind == "weight" && Weight is null) return "\"weight\" is missing.";
        change = kind switch
        {
            "join" => new MembershipChange.Join(new RingMember(node, Weight ?? 1, Text("zone") ?? ""), origin),
            "leave" => new MembershipChange.Leave(node, origin),
            "remove" => new MembershipChange.Remove(node, origin),
            "replace" => new MembershipChange.Replace(node, newcomer, origin),
            _ => new MembershipChange.Weigh(node, Weight!.Value, origin),
        };
        return change.Check();
    }

    /// <summary>What the body of a kind of change may have.</summary>
    public static string[] Known(string kind) => kind switch
    {
        "join" => ["node", "weight", "zone", "by"],
        "remove" => ["node", "force", "by"],
        "replace" => ["old", "new", "by"],
        "weight" => ["node", "weight", "by"],
        _ => ["node", "by"],
    };

    private string Name(string property, out NodeId node)
    {
        node = default;
        if (Text(property) is not { } text) return $"\"{property}\" is missing.";
        return NodeId.TryParse(text, out node)
            ? ""
            : $"\"{property}\" must be a node's name: 1 to {NodeId.MaxLength} letters, digits, '-', '_' or '.'.";
    }

    private string Take(string name, JsonElement value)
    {
        switch (name)
        {
            case "force":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return "\"force\" must be true or false.";
                Force = value.GetBoolean();
                return "";
            case "weight":
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var weight))
                    return $"\"weight\" must be an integer, 1 to {RingMember.MaxWeight}.";
                Weight = weight;
                return "";
            default:
                if (value.ValueKind != JsonValueKind.String) return $"\"{name}\" must be a text.";
                _texts[name] = value.GetString()!;
                return "";
        }
    }
}
