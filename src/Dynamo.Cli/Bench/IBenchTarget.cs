namespace Dynamo.Cli.Bench;

/// <summary>How one operation ended, as far as a benchmark tells endings apart.</summary>
internal enum Ending
{
    /// <summary>A value was read, or a write was acknowledged.</summary>
    Ok,

    /// <summary>There is nothing under the key.</summary>
    NotFound,

    /// <summary>The node refused it as too much, over HTTP with 503 and Retry-After.</summary>
    Refused,

    /// <summary>The node could not do it: too few replicas, or its own time for the request ran out; over HTTP another 503.</summary>
    Unavailable,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>Anything else: the connection broke, or the answer was another one.</summary>
    Failed,
}

/// <summary>A cluster that a benchmark drives.</summary>
internal interface IBenchTarget
{
    /// <summary>A way in that carries one operation at a time; which node it leads to follows from its number.</summary>
    IBenchConnection Connect(int number);
}

/// <summary>One client's way into a cluster; one operation at a time.</summary>
internal interface IBenchConnection : IDisposable
{
    /// <summary>Reads a key.</summary>
    ValueTask<Ending> Get(long key);

    /// <summary>Writes a key, with the context of the last get when <paramref name="asRead"/>.</summary>
    ValueTask<Ending> Put(long key, bool asRead);

    /// <summary>Ends the operation under way as <see cref="Ending.TimedOut"/> when it began before; from any thread.</summary>
    /// <param name="before">A <see cref="System.Diagnostics.Stopwatch"/> time.</param>
    void GiveUp(long before);
}
