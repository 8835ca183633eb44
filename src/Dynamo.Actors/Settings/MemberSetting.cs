using System.Globalization;
using Akka.Configuration.Hocon;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>One entry of <c>dynamo.cluster.members</c> or <c>dynamo.node.contacts</c>.</summary>
/// <param name="Member">The ring's side of it.</param>
/// <param name="Endpoint">Where its actor system is.</param>
internal sealed record MemberSetting(RingMember Member, NodeEndpoint Endpoint)
{
    private const string Members = "dynamo.cluster.members";
    private static readonly string[] Fields = ["name", "host", "port", "weight", "zone"];

    /// <summary>
    /// Reads an entry; null, and one sentence or more in <paramref name="errors"/>, when it is wrong.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <param name="key">The setting it is an entry of.</param>
    public static MemberSetting? Read(HoconValue entry, List<string> errors, string key = Members)
    {
        var before = errors.Count;
        var read = entry.IsObject() ? ReadGroup(key, entry.GetObject(), errors) : ReadText(key, entry.GetString() ?? "", errors);
        return errors.Count == before ? read : null;
    }

    /// <summary>This node, when it is no first member and is to join later; null when name or address are wrong.</summary>
    public static MemberSetting? OfJoining(string name, string address, List<string> errors)
    {
        var colon = address.LastIndexOf(':');
        if (colon > 0 && NodeId.TryParse(name, out var node)
            && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is >= 1 and <= 65535)
            return new MemberSetting(new RingMember(node), new NodeEndpoint(address[..colon], port));
        errors.Add($"dynamo.node.address is \"{address}\"; it must be of the form host:port.");
        return null;
    }

    private static MemberSetting? ReadText(string key, string text, List<string> errors)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var colon = text.LastIndexOf(':');
        if (at > 0 && colon > at + 1)
            return Make(key, text, text[..at], text[(at + 1)..colon], text[(colon + 1)..], "1", "", errors);
        errors.Add($"{key} has the entry \"{text}\"; it must be of the form name@host:port.");
        return null;
    }

    private static MemberSetting? ReadGroup(string key, HoconObject group, List<string> errors)
    {
        foreach (var field in group.Items.Keys.Except(Fields))
            errors.Add(
                $"{key} has an entry with {field}, which is not a setting; there are {string.Join(", ", Fields)}.");
        var name = Field("name", "");
        return Make(key, name, name, Field("host", ""), Field("port", ""), Field("weight", "1"), Field("zone", ""), errors);

        string Field(string field, string otherwise) =>
            group.Items.TryGetValue(field, out var value) ? value.GetString() ?? otherwise : otherwise;
    }

    private static MemberSetting? Make(
        string key, string shown, string name, string host, string port, string weight, string zone, List<string> errors)
    {
        var entry = $"{key} has the entry \"{shown}\"";
        if (!NodeId.TryParse(name, out var node))
            errors.Add($"{entry}; a name has 1 to 64 letters, digits, '-', '_' or '.'.");
        if (host.Length == 0) errors.Add($"{entry}; it names no host.");
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var portNumber)
            || portNumber is < 1 or > 65535)
            errors.Add($"{entry}; the port must be 1 to 65535.");
        if (!int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var weightNumber)
            || weightNumber is < 1 or > RingMember.MaxWeight)
            errors.Add($"{entry}; the weight must be 1 to {RingMember.MaxWeight}.");
        return node.IsNone
            ? null
            : new MemberSetting(new RingMember(node, weightNumber, zone), new NodeEndpoint(host, portNumber));
    }
}
