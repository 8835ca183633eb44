namespace Dynamo.Telemetry;

/// <summary>Counts what a node sends to the others. Counting takes no lock and allocates nothing; any thread may read.</summary>
public sealed class LinkTraffic
{
    private long _requestMessages, _backgroundMessages, _requestFrames, _backgroundFrames;

    /// <summary>What was counted so far.</summary>
    public LinkCounts Counts => new(
        Volatile.Read(ref _requestMessages), Volatile.Read(ref _backgroundMessages),
        Volatile.Read(ref _requestFrames), Volatile.Read(ref _backgroundFrames));

    /// <summary>A message waits to be sent.</summary>
    /// <param name="isOfRequest">Whether a client's request asks for it.</param>
    public void CountMessage(bool isOfRequest) => Interlocked.Increment(ref isOfRequest ? ref _requestMessages : ref _backgroundMessages);

    /// <summary>Messages have left together.</summary>
    /// <param name="isOfRequest">Whether a client's request asks for at least one of them.</param>
    public void CountFrame(bool isOfRequest) => Interlocked.Increment(ref isOfRequest ? ref _requestFrames : ref _backgroundFrames);
}

/// <summary>What a node has sent to the others since its runtime started; all zero in one that has no link.</summary>
/// <param name="RequestMessages">Messages that clients' requests ask for: reads, writes, their answers, forwarding, pages of listings, read repair.</param>
/// <param name="BackgroundMessages">All others: anti-entropy, handoff, gossip, pings, reaping.</param>
/// <param name="RequestFrames">Messages of the transport that held at least one that a request asks for.</param>
/// <param name="BackgroundFrames">Messages of the transport that held none.</param>
public readonly record struct LinkCounts(long RequestMessages, long BackgroundMessages, long RequestFrames, long BackgroundFrames);
