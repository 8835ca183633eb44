using System.Globalization;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The query parameters of an operation on a key: quorums, time, and what to show.</summary>
/// <param name="Get">Overrides of the read.</param>
/// <param name="Put">Overrides of the write.</param>
/// <param name="Vtag">The sibling asked for; null for all.</param>
internal sealed record OperationQuery(GetOptions Get, PutOptions Put, string? Vtag)
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>Reads the parameters; "" when they are good, else one sentence naming the first that is not.</summary>
    /// <param name="target">The request's target; parameters that are not known are ignored, as in Riak.</param>
    /// <param name="n">The bucket's n_val, which no quorum may exceed.</param>
    /// <param name="query">What was read.</param>
    public static string Read(RequestTarget target, int n, out OperationQuery query)
    {
        query = null!;
        QuorumSize r = default, w = default, pr = default, pw = default, dw = default, rw = default;
        bool? notFoundOk = null, basicQuorum = null, returnBody = null;
        var error = Size(target, "rw", 1, n, ref rw) ?? Size(target, "r", 1, n, ref r) ?? Size(target, "w", 1, n, ref w)
            ?? Size(target, "pr", 0, n, ref pr) ?? Size(target, "pw", 0, n, ref pw) ?? Size(target, "dw", 0, n, ref dw)
            ?? Flag(target, "notfound_ok", ref notFoundOk) ?? Flag(target, "basic_quorum", ref basicQuorum)
            ?? Flag(target, "returnbody", ref returnBody) ?? "";
        if (error.Length > 0) return error;
        error = Timeout(target, out var timeout);
        if (error.Length > 0) return error;
        query = new OperationQuery(
            new GetOptions
            {
                R = r.IsDefault ? rw : r, PR = pr, NotFoundOk = notFoundOk, BasicQuorum = basicQuorum, Timeout = timeout,
            },
            new PutOptions
            {
                W = w.IsDefault ? rw : w, PW = pw, DW = dw, Timeout = timeout, ReturnBody = returnBody ?? false,
            },
            target.Query("vtag"));
        return "";
    }

    /// <summary>Reads <c>timeout</c>, in milliseconds; absent or 0 leaves it to the node. "" or one sentence.</summary>
    public static string Timeout(RequestTarget target, out TimeSpan? timeout)
    {
        timeout = null;
        if (target.Query("timeout") is not { } text) return "";
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return $"Bad timeout value \"{Cut(text)}\"";
        if (milliseconds > LongestTimeout.TotalMilliseconds)
            return $"Bad timeout value \"{Cut(text)}\": it must be at most 3600000 milliseconds, one hour.";
        if (milliseconds > 0) timeout = TimeSpan.FromMilliseconds(milliseconds);
        return "";
    }

    private static string? Size(RequestTarget target, string name, int min, int n, ref QuorumSize size)
    {
        if (target.Query(name) is not { } text) return null;
        return QuorumSize.TryParse(text, out size)
            ? BucketProperties.CheckSize(name, size, min, n)
            : $"{name} query parameter must be an integer or one of the following words: 'one', 'quorum' or 'all'";
    }

    private static string? Flag(RequestTarget target, string name, ref bool? flag)
    {
        if (target.Query(name) is not { } text || text == "default") return null;
        flag = text == "true";
        return text is "true" or "false" ? null : $"{name} query parameter must be true or false";
    }

    private static string Cut(string text) => text.Length <= 32 ? text : text[..32] + "…";
}
