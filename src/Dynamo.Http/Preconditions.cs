using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Http;

/// <summary>What the conditions of a read say.</summary>
internal enum Verdict
{
    /// <summary>Answer as if there were none.</summary>
    Proceed,

    /// <summary>304: the client has it already.</summary>
    NotModified,

    /// <summary>412: the state is not the one asked for.</summary>
    Failed,
}

/// <summary>The conditional headers of a request, in the order of RFC 9110, section 13.2.2.</summary>
/// <remarks>On a write they are advisory: two writers may both pass and leave siblings.</remarks>
internal sealed record Preconditions
{
    private readonly string _ifMatch, _ifNoneMatch;
    private readonly DateTimeOffset? _ifModifiedSince, _ifUnmodifiedSince;

    /// <summary>Reads the headers; dates that are none are ignored, as the RFC asks.</summary>
    public Preconditions(IHeaderDictionary headers)
    {
        _ifMatch = headers.IfMatch.ToString();
        _ifNoneMatch = headers.IfNoneMatch.ToString();
        _ifModifiedSince = Date(headers.IfModifiedSince);
        _ifUnmodifiedSince = Date(headers.IfUnmodifiedSince);
    }

    /// <summary>Whether a write must be preceded by a read.</summary>
    public bool ConcernWrites => HasIfMatch || HasIfNoneMatch || _ifUnmodifiedSince is not null;

    /// <summary>Whether the writer has named the state it wants to replace.</summary>
    public bool HasIfMatch => _ifMatch.Length > 0;

    /// <summary>Whether the writer has named states it does not want to replace.</summary>
    public bool HasIfNoneMatch => _ifNoneMatch.Length > 0;

    /// <summary>The verdict on a read of an existing value.</summary>
    /// <param name="etag">Its tag, without quotes.</param>
    /// <param name="modified">When it was written, whole seconds.</param>
    public Verdict OnRead(string etag, DateTimeOffset modified)
    {
        if (HasIfMatch ? !Names(_ifMatch, etag, weakCounts: false) : _ifUnmodifiedSince < modified) return Verdict.Failed;
        var unchanged = HasIfNoneMatch ? Names(_ifNoneMatch, etag, weakCounts: true) : _ifModifiedSince >= modified;
        return unchanged ? Verdict.NotModified : Verdict.Proceed;
    }

    /// <summary>Whether a write may go ahead.</summary>
    /// <param name="etag">The tag of what is there; null when there is no live value.</param>
    /// <param name="modified">When it was written.</param>
    public bool AllowWrite(string? etag, DateTimeOffset modified)
    {
        if (etag is null) return !HasIfMatch;
        if (HasIfMatch ? !Names(_ifMatch, etag, weakCounts: false) : _ifUnmodifiedSince < modified) return false;
        return !HasIfNoneMatch || !Names(_ifNoneMatch, etag, weakCounts: true);
    }

    // A list of "tag", W/"tag" or *; tags without quotes, as Riak writes them in multipart parts, are taken too.
    private static bool Names(string list, string etag, bool weakCounts)
    {
        foreach (var item in list.Split(','))
        {
            var tag = item.AsSpan().Trim();
            if (tag is "*") return true;
            var weak = tag.StartsWith("W/");
            if (weak && !weakCounts) continue;
            if (weak) tag = tag[2..];
            if (tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"') tag = tag[1..^1];
            if (tag.SequenceEqual(etag)) return true;
        }

        return false;
    }

    private static DateTimeOffset? Date(string? text) =>
        HeaderUtilities.TryParseDate(text, out var date) ? date : null;
}
