namespace Dynamo.Core;

/// <summary>Something that happened inside a machine and that an operator may want counted.</summary>
public abstract record Observation
{
    private Observation()
    {
    }

    /// <summary>A client's request ended, <paramref name="Took"/> after it reached the node; observed before the client is answered.</summary>
    public sealed record RequestEnded(string Operation, Outcome Outcome, TimeSpan Took) : Observation
    {
        /// <summary>The number of the request.</summary>
        public RequestId Request { get; init; }

        /// <summary>Bytes of the value that was to be written; 0 for a tombstone, and where nothing is.</summary>
        public int Bytes { get; init; }

        /// <summary>What was decided about it: counts asked for and nodes asked.</summary>
        public RequestTally Tally { get; init; }
    }

    /// <summary>A node answered for a replica, or as the coordinator that a write was handed to. Only told of a request that is traced.</summary>
    /// <param name="Request">The request.</param>
    /// <param name="From">Who answered.</param>
    /// <param name="Said">What it said, a word: "found", "missing", "stored", "accepted" and so on.</param>
    public sealed record ReplicaAnswered(RequestId Request, NodeId From, string Said) : Observation;

    /// <summary>A write was handed to a node that may coordinate it, or to the next one when that was silent.</summary>
    public sealed record Forwarded(RequestId Request, NodeId To) : Observation;

    /// <summary>What a node sent was refused, since it had been under way for longer than a removal of tombstones allows.</summary>
    public sealed record Fenced(NodeId From) : Observation;

    /// <summary>So many exchanges are left that a change of the ring asks for.</summary>
    public sealed record TransfersLeft(int Pairs) : Observation;

    /// <summary>A repair that was asked for has compared everything.</summary>
    /// <param name="Pairs">Pairs of partition replica and other owner that it began with.</param>
    /// <param name="KeysRepaired">Keys on which both sides agree since.</param>
    /// <param name="Failed">Exchanges that failed meanwhile, after which it may be asked for again.</param>
    public sealed record RepairEnded(int Pairs, long KeysRepaired, long Failed) : Observation;

    /// <summary>A sound record has taken the place of one that had failed its checksum.</summary>
    public sealed record RecordMended(PartitionId Partition) : Observation;

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

/// <summary>What a coordinator decided about one request.</summary>
/// <param name="N">Replicas of the key; 0 when it never came to that.</param>
/// <param name="R">Answers that a read waits for; 0 for what reads nothing.</param>
/// <param name="W">Acknowledgements that a write waits for; 0 for what writes nothing.</param>
/// <param name="Asked">Nodes that were asked to read or to store, this one included.</param>
/// <param name="Forwarded">Nodes that the write was handed to for coordination, 0 when this one coordinates.</param>
public readonly record struct RequestTally(int N, int R, int W, int Asked, int Forwarded);

/// <summary>When a request reached the node, and whether somebody follows it.</summary>
/// <param name="At">The moment it came in, before it waited for its turn.</param>
/// <param name="IsTraced">Whether each answer to it is to be observed.</param>
public readonly record struct Arrival(Instant At, bool IsTraced);
