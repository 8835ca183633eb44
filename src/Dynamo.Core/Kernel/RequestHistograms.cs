using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How long client requests took, by operation and outcome, and how large and manifold their values were.</summary>
/// <remarks>A pair of operation and outcome appears once there was one, so that nothing is shown that never happens.</remarks>
public sealed class RequestHistograms
{
    // A handful of each: a search by reference through strings of this program beats a table, and allocates nothing.
    private static readonly string[] Operations = ["get", "put", "delete", "increment", "list", "owner_get"];
    private readonly Histogram?[,] _took = new Histogram?[Operations.Length, OutcomeNames.All.Length];
    private readonly Histogram _siblings = new(Histogram.Numbers);
    private readonly Histogram _read = new(Histogram.Bytes);
    private readonly Histogram _written = new(Histogram.Bytes);

    /// <summary>Live versions that each get with a value found.</summary>
    public HistogramSnapshot Siblings => _siblings.Snapshot();

    /// <summary>Bytes of all live versions together, of each get with a value.</summary>
    public HistogramSnapshot BytesRead => _read.Snapshot();

    /// <summary>Bytes of the value of each acknowledged put.</summary>
    public HistogramSnapshot BytesWritten => _written.Snapshot();

    /// <summary>Seconds from a request's arrival to its outcome.</summary>
    public ImmutableArray<RequestTimes> Took()
    {
        var all = ImmutableArray.CreateBuilder<RequestTimes>();
        for (var i = 0; i < Operations.Length; i++)
            for (var j = 0; j < OutcomeNames.All.Length; j++)
                if (_took[i, j] is { } histogram) all.Add(new RequestTimes(Operations[i], OutcomeNames.All[j], histogram.Snapshot()));
        return all.ToImmutable();
    }

    /// <summary>Counts a request that ended.</summary>
    public void Record(Observation.RequestEnded ended)
    {
        var operation = Array.IndexOf(Operations, ended.Operation);
        if (operation < 0) return;
        var histogram = _took[operation, OutcomeNames.IndexOf(ended.Outcome)] ??= new Histogram(Histogram.Seconds);
        histogram.Record(Math.Max(0, ended.Took.TotalSeconds));
        if (ended is { Outcome: Found found, Operation: "get" })
        {
            var bytes = 0L;
            foreach (var sibling in found.Siblings) bytes += sibling.Value?.Body.Length ?? 0;
            _siblings.Record(found.Siblings.Length);
            _read.Record(bytes);
        }
        else if (ended is { Outcome: Stored, Operation: "put" })
        {
            _written.Record(ended.Bytes);
        }
    }
}

/// <summary>How long the requests of one kind took that ended in one way.</summary>
/// <param name="Operation">"get", "put", "delete", "increment", "list" or "owner_get".</param>
/// <param name="Outcome">One of <see cref="OutcomeNames.All"/>.</param>
/// <param name="Seconds">The times.</param>
public sealed record RequestTimes(string Operation, string Outcome, HistogramSnapshot Seconds);

/// <summary>One word for each way in which a request may end, for labels and traces.</summary>
public static class OutcomeNames
{
    /// <summary>Every word, in a fixed order.</summary>
    public static readonly ImmutableArray<string> All =
    [
        "found", "not_found", "stored", "listed", "unavailable", "timed_out", "too_large", "bad_context", "bad_request",
        "overloaded", "not_ready", "other",
    ];

    /// <summary>The word for an outcome.</summary>
    public static string Of(Outcome outcome) => All[IndexOf(outcome)];

    /// <summary>Where its word stands in <see cref="All"/>.</summary>
    public static int IndexOf(Outcome outcome) => outcome switch
    {
        Found => 0,
        NotFound or OwnerRead { Versions: 0 } => 1,
        OwnerRead owner => owner.Shown is NotFound ? 1 : 0,
        Stored => 2,
        Listing => 3,
        Unavailable => 4,
        TimedOut => 5,
        TooLarge => 6,
        BadContext => 7,
        BadRequest => 8,
        Overloaded => 9,
        NotReady => 10,
        _ => 11,
    };
}
