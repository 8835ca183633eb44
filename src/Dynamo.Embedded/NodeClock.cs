using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Embedded;

/// <summary>A clock that starts at the wall's time and from then on never jumps or runs backwards.</summary>
internal sealed class NodeClock
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _epoch = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public Instant Now => new(_epoch + Stopwatch.GetElapsedTime(_started).Ticks / TimeSpan.TicksPerMicrosecond);
}
