using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Http;

/// <summary>Chooses among the media types that can be given by what the Accept header likes best.</summary>
internal static class Accepted
{
    /// <summary>The best of <paramref name="offered"/>, the earlier one among equals; null when none will do.</summary>
    /// <remarks>No header, or one that cannot be read, accepts everything.</remarks>
    public static string? Best(StringValues accept, params ReadOnlySpan<string> offered)
    {
        if (StringValues.IsNullOrEmpty(accept) || accept is ["*/*"]) return offered[0];
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var ranges)) return offered[0];
        if (ranges.Count == 0) return offered[0];
        string? best = null;
        var bestQuality = 0.0;
        foreach (var type in offered)
        {
            var quality = Quality(ranges, type);
            if (quality <= bestQuality) continue;
            bestQuality = quality;
            best = type;
        }

        return best;
    }

    // The most specific range that matches decides.
    private static double Quality(IList<MediaTypeHeaderValue> ranges, string type)
    {
        var semicolon = type.IndexOf(';');
        var name = (semicolon < 0 ? type : type[..semicolon]).Trim();
        var slash = name.IndexOf('/');
        var major = slash < 0 ? name : name[..slash];
        var (quality, specificity) = (0.0, 0);
        foreach (var range in ranges)
        {
            var matches = range.MatchesAllTypes ? 1
                : range.MatchesAllSubTypes && range.Type.Equals(major, StringComparison.OrdinalIgnoreCase) ? 2
                : range.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase) ? 3
                : 0;
            if (matches > specificity) (quality, specificity) = (range.Quality ?? 1.0, matches);
        }

        return quality;
    }
}
