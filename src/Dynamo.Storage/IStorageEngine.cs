using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>The store of one node: <see cref="INodeStore"/> to read, <see cref="Enqueue"/> to change.</summary>
/// <remarks>
/// Every member may be called from any thread. Changes are visible to reads as soon as <see cref="Enqueue"/> returns
/// and answered for when <c>done</c> is called.
/// </remarks>
public interface IStorageEngine : INodeStore, IDisposable
{
    /// <summary>What a config calls this engine: "sqlite", "buffered" or "memory".</summary>
    string Name { get; }

    /// <summary>
    /// null while the store works; else one sentence that says why not. It becomes null again by itself when writes
    /// work.
    /// </summary>
    string? Error { get; }

    /// <summary>Hands over the changes of one write, which are applied in order, all or none.</summary>
    /// <remarks>
    /// When a transaction fails, so does everything that was handed over before the failure was known: what is read
    /// includes what waits, so a later write may stand on one that never came to be.
    /// </remarks>
    /// <param name="changes">
    /// The changes, which nobody alters afterwards. An empty list is a barrier: it asks when all handed over before it
    /// is durable, and fails when something shortly before it failed, because who asks may have read that.
    /// </param>
    /// <param name="done">
    /// Called exactly once, in hand-over order: after the write is durable, or when it failed and nothing of it is
    /// applied. SQLite calls it from its writer thread, the memory engine before <see cref="Enqueue"/> returns. It
    /// must be quick and must not throw; it may call the engine.
    /// </param>
    /// <param name="asOf">
    /// <see cref="INodeStore.FailedTransactions"/> as it was before the reads that this write was made from: when a transaction has
    /// failed since, the write fails with it. null for a write that was made from no reads.
    /// </param>
    void Enqueue(IReadOnlyList<StoreChange> changes, Action<WriteResult> done, long? asOf = null);

    /// <summary>How much lies here; cheap enough to ask every second.</summary>
    StoreCounts Counts();

    /// <summary>How it does its work; cheap enough to ask every second.</summary>
    StoreMeasures Measures() => StoreMeasures.None;

    /// <summary>
    /// Names who is told of each transaction: how long it took and how many writes it held. An engine without transactions tells
    /// nothing. It is called from the engine's own thread, must be quick and must not throw.
    /// </summary>
    void Watch(Action<TimeSpan, int> committed)
    {
    }
}

/// <summary>How much lies in a store.</summary>
/// <param name="Records">Records, tombstones and damaged ones included.</param>
/// <param name="Tombstones">Records that hold nothing but tombstones.</param>
/// <param name="Partitions">Partitions that have records.</param>
public readonly record struct StoreCounts(long Records, long Tombstones, int Partitions);
