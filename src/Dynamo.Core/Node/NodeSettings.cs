namespace Dynamo.Core;

/// <summary>The times and limits that a node's machines work with.</summary>
public sealed record NodeSettings
{
    /// <summary>The settings as documented.</summary>
    public static readonly NodeSettings Standard = new();

    /// <summary>How long a request may take when it does not say, 1 ms..1 h; 10 s by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a replica may stay silent before a fallback is asked in its place, 1 ms..1 min; 500 ms by default.</summary>
    public TimeSpan ReplicaTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests a node coordinates at a time, 1..1,000,000; beyond it they are refused; 10,000 by default.</summary>
    public int MaxRequestsInFlight { get; init; } = 10_000;

    /// <summary>The largest value, 0..16 MiB; 1 MiB by default.</summary>
    public int MaxValueBytes { get; init; } = 1 << 20;

    /// <summary>Siblings from which on a warning is given, 1..4096; 25 by default.</summary>
    public int SiblingsWarn { get; init; } = 25;

    /// <summary>Siblings that a client's put may not exceed, 1..4096; 100 by default. Merges, hints and repairs may.</summary>
    public int SiblingsMax { get; init; } = 100;

    /// <summary>Bytes of values in one record that a client's put may not exceed; 32 MiB by default.</summary>
    public long MaxRecordBytes { get; init; } = 32L << 20;

    /// <summary>Counters leased at a time, 1..1,000,000; 1,000 by default. A restart skips what is left of a lease.</summary>
    public int LeaseBlock { get; init; } = 1_000;

    /// <summary>Hints kept for one owner, 0..100,000,000; beyond it new ones are refused; 1,000,000 by default.</summary>
    public long MaxHintsPerOwner { get; init; } = 1_000_000;

    /// <summary>Hints under way to one owner at a time, 1..10,000; 64 by default.</summary>
    public int HandoffWindow { get; init; } = 64;

    /// <summary>
    /// Hints sent to one owner per second at most, 1..1,000,000; 2,000 by default. They leave evenly, and fewer while the
    /// owner's acknowledgements are slow.
    /// </summary>
    public int HandoffPerSecond { get; init; } = 2_000;

    /// <summary>How often a silent peer is asked whether it lives, 10 ms..1 min; 500 ms by default.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pings in a row without a word from a peer before it counts as unreachable, 1..100; 5 by default.</summary>
    public int SuspectAfter { get; init; } = 5;

    /// <summary>How often cluster state is compared with one random peer, 10 ms..1 h; 1 s by default [section 4.8.1].</summary>
    public TimeSpan GossipEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys in one page of a listing, 1..100,000; 1,000 by default.</summary>
    public int ListPageKeys { get; init; } = 1_000;
}
