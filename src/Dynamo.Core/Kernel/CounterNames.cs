namespace Dynamo.Core;

/// <summary>The names that counters in <see cref="NodeCounters"/> have, Riak's where Riak counts the same.</summary>
/// <remarks>
/// Every name ends in <c>_total</c> and counts since the process started. /stats shows it so and, as Riak does, the
/// last minute's share under the name without <c>_total</c>; /metrics shows it as <c>dynamo_</c> + name. A name that is not
/// listed here is shown as it is.
/// </remarks>
public static class CounterNames
{
    /// <summary>Gets coordinated here, whatever their outcome.</summary>
    public const string NodeGets = "node_gets_total";

    /// <summary>Puts, deletes and increments coordinated here, whatever their outcome.</summary>
    public const string NodePuts = "node_puts_total";

    /// <summary>Deletes coordinated here; also counted as puts.</summary>
    public const string NodeDeletes = "node_deletes_total";

    /// <summary>Gets that ended in neither a value nor "not found".</summary>
    public const string GetErrors = "node_get_fsm_errors_total";

    /// <summary>Puts, deletes and increments that were not acknowledged.</summary>
    public const string PutErrors = "node_put_fsm_errors_total";

    /// <summary>Requests refused because too many were under way.</summary>
    public const string Rejected = "requests_rejected_total";

    /// <summary>Requests refused at the door because requests waited too long in the node's queues; also counted as rejected.</summary>
    public const string ShedAtDoor = "requests_shed_at_door_total";

    /// <summary>Requests that another node forwarded and that were refused for the same reason.</summary>
    public const string ShedForwarded = "requests_shed_forwarded_total";

    /// <summary>Writes that replicas here refused because the store had fallen behind.</summary>
    public const string ShedWrites = "replica_writes_shed_total";

    /// <summary>Reads that partition replicas here answered.</summary>
    public const string ReplicaGets = "vnode_gets_total";

    /// <summary>Writes that partition replicas here stored.</summary>
    public const string ReplicaPuts = "vnode_puts_total";

    /// <summary>Replicas sent a newer record after a get.</summary>
    public const string ReadRepairs = "read_repairs_total";

    /// <summary>Exchanges of hash trees that came to their end here.</summary>
    public const string Exchanges = "exchanges_total";

    /// <summary>Records sent to replicas because an exchange found that they lacked something.</summary>
    public const string ExchangeRepairs = "exchange_repairs_total";

    /// <summary>Keys whose tombstones this node has had removed, or clocks shortened, by all their owners.</summary>
    public const string Reaped = "keys_reaped_total";

    /// <summary>Hints stored here for other nodes.</summary>
    public const string HintsStored = "hints_stored_total";

    /// <summary>Hints delivered to their owner.</summary>
    public const string HintsDelivered = "hints_delivered_total";

    /// <summary>Hints refused because an owner's store was full.</summary>
    public const string HintsRefused = "hints_refused_total";

    /// <summary>Records found corrupt on disk.</summary>
    public const string CorruptRecords = "corrupt_records_total";

    /// <summary>Reads and writes the store refused.</summary>
    public const string StoreFailures = "store_failures_total";

    /// <summary>Store generations begun because a store was empty or had lost something.</summary>
    public const string GenerationsBegun = "generations_begun_total";

    /// <summary>Frames and batches from the network that were refused: of strangers, damaged, too large.</summary>
    public const string InputsRefused = "inputs_refused_total";

    /// <summary>Writes handed to another node to coordinate, each handing over counted.</summary>
    public const string Redirects = "coord_redirs_total";

    /// <summary>Requests that ended because too few replicas answered in time.</summary>
    public const string TimedOut = "requests_timed_out_total";

    /// <summary>Requests that ended because too few replicas could be asked, or too many refused.</summary>
    public const string Unavailable = "requests_unavailable_total";

    /// <summary>Exchanges that failed: a side stayed silent or could not read its store.</summary>
    public const string ExchangesFailed = "exchanges_failed_total";

    /// <summary>Keys that differed in an exchange and on which both sides agreed afterwards.</summary>
    public const string KeysRepaired = "exchange_keys_repaired_total";

    /// <summary>Records and forwarded writes refused because they had been under way for too long.</summary>
    public const string Fenced = "fenced_total";

    /// <summary>Times that this node began to count another as unreachable.</summary>
    public const string Suspicions = "suspicions_total";

    /// <summary>Writes that left a key with more siblings than dynamo.siblings.warn.</summary>
    public const string ManySiblings = "many_siblings_total";

    /// <summary>Damaged records that a sound one has taken the place of.</summary>
    public const string RecordsMended = "records_mended_total";

    /// <summary>One sentence about a counter, for /metrics.</summary>
    public static string Describe(string name) => name switch
    {
        NodeGets => "Gets coordinated here.",
        NodePuts => "Puts and deletes coordinated here.",
        NodeDeletes => "Deletes coordinated here, also counted as puts.",
        GetErrors => "Gets that ended in neither a value nor not found.",
        PutErrors => "Puts and deletes that were not acknowledged.",
        Rejected => "Requests refused because too many were under way.",
        ShedAtDoor => "Requests refused at the door because requests waited too long in the node's queues.",
        ShedForwarded => "Requests of other nodes' clients refused because requests waited too long in the node's queues.",
        ShedWrites => "Writes that replicas here refused because the store had fallen behind.",
        ReplicaGets => "Reads that partition replicas here answered.",
        ReplicaPuts => "Writes that partition replicas here stored.",
        ReadRepairs => "Replicas sent a newer record after a get.",
        Exchanges => "Exchanges of hash trees that came to their end here.",
        ExchangeRepairs => "Records sent to replicas because an exchange found that they lacked something.",
        Reaped => "Keys whose tombstones this node has had removed, or clocks shortened, by all their owners.",
        HintsStored => "Hints stored here for other nodes.",
        HintsDelivered => "Hints delivered to their owner.",
        HintsRefused => "Hints refused because the store for their owner was full.",
        CorruptRecords => "Records found corrupt on disk.",
        StoreFailures => "Reads and writes the store refused.",
        GenerationsBegun => "Store generations begun because a store was empty or had lost something.",
        InputsRefused => "Frames and batches from the network that were refused: of strangers, damaged, too large.",
        Redirects => "Writes handed to another node to coordinate, each handing over counted.",
        TimedOut => "Requests that ended because too few replicas answered in time.",
        Unavailable => "Requests that ended because too few replicas could be asked, or too many refused.",
        ExchangesFailed => "Exchanges that failed: a side stayed silent or could not read its store.",
        KeysRepaired => "Keys that differed in an exchange and on which both sides agreed afterwards.",
        Fenced => "Records and forwarded writes refused because they had been under way for too long.",
        Suspicions => "Times that this node began to count another as unreachable.",
        ManySiblings => "Writes that left a key with more siblings than dynamo.siblings.warn.",
        RecordsMended => "Damaged records that a sound one has taken the place of.",
        _ => "A counter of this node.",
    };
}
