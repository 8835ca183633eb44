using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The binary form of the batches that travel between clients and gateways.</summary>
/// <remarks>
/// <code>
///   1 byte   format version (1)
///   number   in answers only: the version of the ring that the node works with
///   count    entries, 0..65536
///   entry*   correlation (number), then the request or the outcome as WireCodec writes it
/// </code>
/// The correlation is the client's number for a request; whoever answers repeats it and makes nothing of it.
/// </remarks>
public static class ClientCodec
{
    /// <summary>The most entries of one batch.</summary>
    public const int MaxEntries = 65_536;

    private const byte Version = 1;

    /// <summary>Writes the head of a batch of requests; its entries follow.</summary>
    /// <param name="to">Receives the head.</param>
    /// <param name="count">How many entries will follow, at most <see cref="MaxEntries"/>.</param>
    public static void WriteHead(WireWriter to, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxEntries);
        to.Byte(Version);
        to.Count(count);
    }

    /// <summary>Writes the head of a batch of outcomes; its entries follow.</summary>
    /// <param name="to">Receives the head.</param>
    /// <param name="ringVersion">
    /// The version of the node's ring: a client with an older one asks for it at once.
    /// </param>
    /// <param name="count">How many entries will follow, at most <see cref="MaxEntries"/>.</param>
    public static void WriteReplyHead(WireWriter to, ulong ringVersion, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxEntries);
        to.Byte(Version);
        to.Number(ringVersion);
        to.Count(count);
    }

    /// <summary>Appends a request to the entries of a batch.</summary>
    public static void Write(WireWriter to, ulong correlation, ClientRequest request)
    {
        to.Number(correlation);
        WireCodec.WriteRequest(to, request);
    }

    /// <summary>Appends an outcome to the entries of a batch.</summary>
    public static void Write(WireWriter to, ulong correlation, Outcome outcome)
    {
        to.Number(correlation);
        WireCodec.WriteOutcome(to, outcome);
    }

    /// <summary>
    /// Reads a batch of requests; <paramref name="error"/> is one sentence when false, and nothing of it counts.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, out List<(ulong Correlation, ClientRequest Request)> requests, out string error)
    {
        requests = [];
        var reader = new WireReader(bytes);
        ReadVersion(ref reader);
        var count = reader.Count(MaxEntries);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var correlation = reader.Number();
            if (WireCodec.ReadRequest(ref reader) is { } request) requests.Add((correlation, request));
        }

        return IsSound(ref reader, requests, out error);
    }

    /// <summary>
    /// Reads a batch of outcomes; <paramref name="error"/> is one sentence when false, and nothing of it counts.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, out List<(ulong Correlation, Outcome Outcome)> outcomes, out ulong ringVersion,
        out string error)
    {
        outcomes = [];
        var reader = new WireReader(bytes);
        ReadVersion(ref reader);
        ringVersion = reader.Number();
        var count = reader.Count(MaxEntries);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var correlation = reader.Number();
            if (WireCodec.ReadOutcome(ref reader) is { } outcome) outcomes.Add((correlation, outcome));
        }

        return IsSound(ref reader, outcomes, out error);
    }

    private static void ReadVersion(ref WireReader reader)
    {
        var version = reader.Byte();
        if (!reader.Failed && version != Version)
            reader.Fail($"The batch has format version {version}; this side reads version {Version}.");
    }

    private static bool IsSound<T>(ref WireReader reader, List<T> read, out string error)
    {
        reader.End();
        error = reader.Error ?? "";
        if (error.Length > 0) read.Clear();
        return error.Length == 0;
    }
}
