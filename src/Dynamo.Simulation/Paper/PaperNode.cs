using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One node of a <see cref="PaperWorld"/>: its coordinator, its replicas and its disk.</summary>
internal sealed class PaperNode
{
    private readonly SortedDictionary<PartitionId, Replica> _replicas = [];
    private readonly Dictionary<WriteId, (Replica Replica, WriteId Id)> _writers = [];
    private readonly NodeSettings _settings;
    private readonly Prng _entropy;
    private ulong _nextWrite;

    public PaperNode(ClusterView view, NodeSettings settings, ContextCodec contexts, ulong entropy, int buffer)
    {
        View = view;
        _settings = settings;
        Disk = new SimulatedDisk(null) { BufferWrites = buffer };
        _entropy = new Prng(entropy);
        Coordinator = new Coordinator(Name, settings, contexts, _entropy.Next());
    }

    public ClusterView View { get; }

    public NodeId Name => View.Self;

    public Coordinator Coordinator { get; }

    public SimulatedDisk Disk { get; }

    /// <summary>Who waits for the answer to a request.</summary>
    public Dictionary<RequestId, Action<Outcome>> Waiting { get; } = [];

    /// <summary>What the node says to itself and has not dealt with yet.</summary>
    public Queue<Message> ToItself { get; } = new();

    /// <summary>When the next deadline is planned.</summary>
    public Instant WakeAt { get; set; } = Instant.Never;

    /// <summary>When the node will have worked through all that has arrived.</summary>
    public long FreeAt { get; set; }

    public Replica ReplicaOf(PartitionId partition)
    {
        if (_replicas.TryGetValue(partition, out var replica)) return replica;
        replica = new Replica(Name, partition, Disk, _settings, _entropy.Next());
        replica.OnView(View);
        _replicas.Add(partition, replica);
        return replica;
    }

    /// <summary>Hands a write to the disk under a number of the node's own.</summary>
    public void Write(Replica replica, Effect.Write write)
    {
        var id = new WriteId(++_nextWrite);
        _writers.Add(id, (replica, write.Id));
        Disk.Enqueue(id, write.Changes);
    }

    /// <summary>Whose write that was, and what its writer calls it.</summary>
    public (Replica Replica, WriteId Id) Writer(WriteId id)
    {
        _writers.Remove(id, out var writer);
        return writer;
    }
}
