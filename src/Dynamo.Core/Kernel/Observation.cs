namespace Dynamo.Core;

/// <summary>Something that happened inside a machine and that an operator may want counted.</summary>
public abstract record Observation
{
    private Observation()
    {
    }

    /// <summary>A request ended, <paramref name="Took"/> after it came in.</summary>
    public sealed record RequestEnded(string Operation, Outcome Outcome, TimeSpan Took) : Observation;

    /// <summary>Something was refused because there was too much to do.</summary>
    public sealed record Shed(ShedPlace Where) : Observation;

    /// <summary>A partition replica here answered a read.</summary>
    public sealed record ReplicaRead : Observation
    {
        /// <summary>The one there is.</summary>
        public static readonly ReplicaRead Instance = new();
    }

    /// <summary>A partition replica here stored a record, its own or a hint.</summary>
    public sealed record ReplicaWritten : Observation
    {
        /// <summary>The one there is.</summary>
        public static readonly ReplicaWritten Instance = new();
    }

    /// <summary>A replica was sent a newer record after a get [section 5].</summary>
    public sealed record ReadRepaired(NodeId Replica, Key Key) : Observation;

    /// <summary>A replica was sent what an exchange found it to lack [section 4.7].</summary>
    public sealed record ExchangeRepaired(NodeId Replica, Key Key) : Observation;

    /// <summary>An exchange ended.</summary>
    /// <param name="Partition">The partition.</param>
    /// <param name="Peer">The other owner.</param>
    /// <param name="End">How.</param>
    /// <param name="Differing">Keys that differed.</param>
    /// <param name="Repaired">Those of them on which both agree now.</param>
    public sealed record ExchangeEnded(
        PartitionId Partition, NodeId Peer, SyncEnd End, int Differing, int Repaired) : Observation;

    /// <summary>So many keys' tombstones were removed by all their owners, or their clocks shortened.</summary>
    public sealed record Reaped(int Keys) : Observation;

    /// <summary>A hint was stored here for <paramref name="Owner"/>.</summary>
    public sealed record HintStored(NodeId Owner, PartitionId Partition) : Observation;

    /// <summary>A hint was refused because the store for <paramref name="Owner"/> is full.</summary>
    public sealed record HintRefused(NodeId Owner) : Observation;

    /// <summary>A hint reached its owner and was removed here.</summary>
    public sealed record HintDelivered(NodeId Owner) : Observation;

    /// <summary>A record on disk failed its checksum; it is not served and will be repaired.</summary>
    public sealed record CorruptRecord(PartitionId Partition, Key Key) : Observation;

    /// <summary>The store began a new generation.</summary>
    public sealed record GenerationBegan(PartitionId Partition, ulong Generation, string Reason) : Observation;

    /// <summary>A record has more siblings than the warning limit.</summary>
    public sealed record ManySiblings(Key Key, int Count) : Observation;

    /// <summary>Something came from the network that was refused: of a stranger, damaged, too large.</summary>
    public sealed record InputRefused(string Whose, string Reason) : Observation;

    /// <summary>This node's own verdict about another changed.</summary>
    public sealed record ReachabilityChanged(NodeId Node, bool Reachable) : Observation;

    /// <summary>The store refused a read or a write.</summary>
    public sealed record StoreFailed(string Reason) : Observation;
}

/// <summary>Where load is shed.</summary>
public enum ShedPlace
{
    /// <summary>At the door, where clients' requests come in; nothing of them was begun.</summary>
    Door,

    /// <summary>Where other nodes' requests come in.</summary>
    Forwarded,

    /// <summary>At a replica whose store has fallen behind.</summary>
    Store,
}
