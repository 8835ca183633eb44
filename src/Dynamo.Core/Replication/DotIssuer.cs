namespace Dynamo.Core;

/// <summary>Draws the dots of one partition on one node out of a durable lease, and ends the generation when it must.</summary>
/// <remarks>
/// <code>
///   leased up to 2000
///   |----------------------|---------------->
///        issued up to 1017  ^ the lease is extended when half of a block is left
/// </code>
/// A store that was closed in order has sealed the lease at the last dot, and the generation goes on from there. One that was
/// not may be older than what this node did: a backup put back, a disk that lied about what it had kept. What was
/// written since is out in the world, and could be claimed or issued again, so a new generation begins.
/// The lease rides in the same all-or-nothing write as the record that needs it, so no dot leaves this node before the
/// lease that covers it is durable. As long as no write with a lease has come back, every further one carries it too. A replica that
/// begins over a store that was not closed in order writes one ahead, so that its first put need not wait for it.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4.
/// </remarks>
public sealed class DotIssuer
{
    private readonly NodeId _self;
    private readonly PartitionId _partition;
    private readonly int _block;
    private readonly Prng _random;
    private ulong _generation;
    private readonly string _why = "the store holds no lease for the partition";
    private ulong _durableLease;
    private bool _hasIssued;

    /// <summary>An issuer that goes on where a sealed <paramref name="lease"/> ends; a new generation when there is none.</summary>
    /// <param name="self">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="lease">What the store knows; null for a store that knows nothing. One that is not sealed is not gone on with.</param>
    /// <param name="block">Counters leased at a time, 1 or more.</param>
    /// <param name="random">Where generation numbers come from.</param>
    public DotIssuer(NodeId self, PartitionId partition, GenerationLease? lease, int block, Prng random)
    {
        _self = self;
        _partition = partition;
        _block = block;
        _random = random;
        if (lease is { IsSealed: false }) _why = "the store was not closed in order";
        if (lease is not { IsSealed: true }) return;
        _generation = lease.Generation;
        _durableLease = Issued = lease.LeasedUpTo;
    }

    /// <summary>The writer that dots are issued for; its generation is 0 until the first dot is needed.</summary>
    public ReplicaId Replica => new(_self, _generation);

    /// <summary>The highest counter issued, or that may have been issued before a restart.</summary>
    public ulong Issued { get; private set; }

    /// <summary>Whether a lease that is durable in this run covers every dot of the generation, so that they may leave before their rows are.</summary>
    /// <remarks>A restart then finds a lease that is not sealed, and begins a new generation, whatever else it finds.</remarks>
    public bool IsCovered => Issued <= _durableLease;

    /// <summary>Issues the next dot.</summary>
    public Dot Next(Effects effects)
    {
        if (_generation == 0) Begin(_why, effects);
        _hasIssued = true;
        Issued++;
        return new Dot(Replica, Issued);
    }

    /// <summary>The lease to write last when the store is closed in order; null when this run has issued no dot.</summary>
    public GenerationLease? Seal => _hasIssued ? new GenerationLease(_generation, Issued, IsSealed: true) : null;

    /// <summary>The lease that must be written together with the record that bears the last dot; null when a durable one covers it.</summary>
    public GenerationLease? LeaseToWrite() =>
        Issued + (ulong)_block / 2 <= _durableLease ? null : new GenerationLease(_generation, Issued + (ulong)_block);

    /// <summary>The lease of a generation that the store knows nothing of yet; null when it knows, or when none has begun.</summary>
    /// <remarks>
    /// It goes with every new row, too: a row's floor counts in the generation that the row names, and a restart must
    /// not fall back to an earlier one, of which the row that was there before has taken the memory with it.
    /// </remarks>
    public GenerationLease? UnrecordedLease => _generation != 0 && _durableLease == 0
        ? new GenerationLease(_generation, Issued + (ulong)_block)
        : null;

    /// <summary>
    /// Begins the generation that the first dot would begin, and returns the lease to write for it; null when an earlier one
    /// goes on.
    /// </summary>
    public GenerationLease? LeaseAhead(Effects effects)
    {
        if (_generation != 0) return null;
        Begin(_why, effects);
        return UnrecordedLease;
    }

    /// <summary>A write that carried <paramref name="lease"/> is durable.</summary>
    public void OnLeased(GenerationLease lease)
    {
        if (lease.Generation == _generation) _durableLease = Math.Max(_durableLease, lease.LeasedUpTo);
    }

    /// <summary>Ends the generation: the store turned out to have lost something. Unused generations need not end.</summary>
    public void End(string reason, Effects effects)
    {
        if (_generation != 0 && Issued > 0) Begin(reason, effects);
    }

    /// <summary>Ends the generation when <paramref name="seen"/> bears a dot of it that this store does not know it issued.</summary>
    public void Meet(VersionVector seen, Effects effects)
    {
        if (_generation != 0 && seen.LastOf(Replica) > Issued) Begin("its own dot came back above its lease", effects);
    }

    private void Begin(string reason, Effects effects)
    {
        do _generation = _random.Next();
        while (_generation == 0);
        Issued = _durableLease = 0;
        effects.Observe(new Observation.GenerationBegan(_partition, _generation, reason));
    }
}
