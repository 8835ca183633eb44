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

    /// <summary>Requests a node takes at a time however long they wait, 1..1,000,000; 64 by default. Above it the limit follows the lag.</summary>
    public int MinRequestsInFlight { get; init; } = 64;

    /// <summary>
    /// How long nine in ten requests may wait in this node's own queues before it takes fewer at a time, 1 ms..1 min; 50 ms by default.
    /// </summary>
    public TimeSpan QueueTarget { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes that may wait in the store before a replica refuses more, 1..65,536; 8,192 by default. Background work is refused at half of it.</summary>
    public int MaxStoreBacklog { get; init; } = 8_192;

    /// <summary>How long requests may wait in this node's own queues before background work slows down, 1 ms..1 min; 20 ms by default.</summary>
    public TimeSpan BackgroundTarget { get; init; } = TimeSpan.FromMilliseconds(20);

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
    /// Hints sent to one owner per second at most, 1..1,000,000; 2,000 by default. They leave in portions of up to 8, fewer while the
    /// owner's acknowledgements are slow, and a quarter of them while clients ask this node (<see cref="BackgroundPace.WhileAsked"/>).
    /// </summary>
    public int HandoffPerSecond { get; init; } = 2_000;

    /// <summary>
    /// How long a round of anti-entropy over all partition replicas may take, 1 s..365 days, or 0 for never unless asked; 10 min by default.
    /// </summary>
    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after a node came back it is compared with, so that hints come first; 0..1 h, 30 s by default.</summary>
    public TimeSpan SyncAfterReturn { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The least time between two exchanges that this node begins, 0..1 min; 20 ms by default.</summary>
    public TimeSpan SyncPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Keys that an exchange repairs at a time, 1..10,000; 32 by default.</summary>
    public int SyncWindow { get; init; } = 32;

    /// <summary>Keys per second that this node repairs in exchanges, 1..1,000,000; 2,000 by default, and a quarter of them while clients ask it.</summary>
    public int SyncKeysPerSecond { get; init; } = 2_000;

    /// <summary>After how long a hash tree is built anew, which reads and so checks every row, 1 s..365 days; 7 days by default.</summary>
    public TimeSpan TreeExpiry { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often this node looks for tombstones to reap, 1 s..1 day, or 0 for never; 10 s by default.</summary>
    public TimeSpan ReapEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a tombstone rests before it is reaped, 0..365 days; 1 min by default. It saves work and is not needed for safety.</summary>
    public TimeSpan ReapAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Keys reaped at a time, 1..10,000; 1,000 by default.</summary>
    public int ReapBatch { get; init; } = 1_000;

    /// <summary>The least time between two moves of a node's fence, 10 ms..1 min; 1 s by default.</summary>
    public TimeSpan FenceEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Ranges in a key's clock beyond which it is shortened, 1..10,000; 10 by default.</summary>
    public int PruneAbove { get; init; } = 10;

    /// <summary>
    /// Whether a put cuts its key's clock down to <see cref="PruneAbove"/> ranges at once, as the paper does; false by default.
    /// Then versions that were replaced or deleted may return, from a hint, say. Without it clocks are shortened when that is safe.
    /// </summary>
    public bool TruncateAsPaper { get; init; }

    /// <summary>How often a silent peer is asked whether it lives, 10 ms..1 min; 500 ms by default.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pings in a row without a word from a peer before it counts as unreachable, 1..100; 5 by default.</summary>
    public int SuspectAfter { get; init; } = 5;

    /// <summary>How often cluster state is compared with one random peer, 10 ms..1 h; 1 s by default [section 4.8.1].</summary>
    public TimeSpan GossipEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys in one page of a listing, 1..100,000; 1,000 by default.</summary>
    public int ListPageKeys { get; init; } = 1_000;
}
