using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The client's clock: it never runs backwards, and nothing but deadlines is read from it.</summary>
internal sealed class ClientClock
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>
    /// The time since the client was started. It begins at an hour, so that "long ago" can be told from "never".
    /// </summary>
    public Instant Now =>
        new Instant(3_600_000_000) + Stopwatch.GetElapsedTime(_started);
}
