using System.Text;

namespace Dynamo.Http;

/// <summary>A request's target as it came: path segments still percent-encoded, and the query.</summary>
/// <remarks>
/// The server's own path is not used because it has %2F, dot segments and bytes that are no UTF-8 decoded or lost, and
/// keys are arbitrary bytes.
/// </remarks>
internal sealed class RequestTarget
{
    private readonly List<(string Name, string Value)> _query;

    private RequestTarget(string[] segments, List<(string Name, string Value)> query)
    {
        Segments = segments;
        _query = query;
    }

    /// <summary>The path between its slashes; a trailing slash leaves an empty last segment.</summary>
    public string[] Segments { get; }

    /// <summary>Reads origin-form (<c>/path?query</c>) and absolute-form (<c>http://host/path?query</c>) targets.</summary>
    public static RequestTarget Parse(string raw)
    {
        var scheme = raw.StartsWith('/') ? -1 : raw.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            var slash = raw.IndexOfAny(['/', '?'], scheme + 3);
            raw = slash < 0 ? "/" : raw[slash..];
        }

        var mark = raw.IndexOf('?');
        var path = mark < 0 ? raw : raw[..mark];
        var segments = path is "/" or "" ? [] : path[(path[0] == '/' ? 1 : 0)..].Split('/');
        return new RequestTarget(segments, mark < 0 ? [] : ParseQuery(raw[(mark + 1)..]));
    }

    /// <summary>A query value, the first when it is given twice; null when absent.</summary>
    public string? Query(string name)
    {
        foreach (var pair in _query)
            if (pair.Name == name) return pair.Value;
        return null;
    }

    private static List<(string Name, string Value)> ParseQuery(string query)
    {
        var pairs = new List<(string Name, string Value)>();
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            pairs.Add(equals < 0 ? (Word(part), "") : (Word(part[..equals]), Word(part[(equals + 1)..])));
        }

        return pairs;
    }

    // A word that is not well encoded stays as it is: the parameter's own check then refuses it by name.
    private static string Word(string text) =>
        text.AsSpan().IndexOfAny('%', '+') < 0 ? text
        : Percent.TryDecode(text, plusIsSpace: true, out var bytes) ? Encoding.UTF8.GetString(bytes) : text;
}
