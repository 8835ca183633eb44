using System.Collections.Immutable;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Http;

/// <summary>What the HTTP side needs of the node it speaks for, whichever runtime drives that node.</summary>
/// <remarks>Every member may be called from any thread.</remarks>
public interface INodePort
{
    /// <summary>The node.</summary>
    NodeId Self { get; }

    /// <summary>The cluster as it was founded.</summary>
    Founding Founding { get; }

    /// <summary>The ring that this node reads by now; the last one it had while it is down.</summary>
    Ring Ring { get; }

    /// <summary>Carries out a get, put or delete; always ends in an outcome.</summary>
    Task<Outcome> Execute(ClientRequest request);

    /// <summary>
    /// Why a request about a key that came now would be refused as too much, which is then counted; null when it would be taken.
    /// It is asked before the body is read.
    /// </summary>
    Overloaded? Refusal() => null;

    /// <summary>Carries out a listing, page by page; the last item is a <see cref="Listing"/> with Last set, or a failure.</summary>
    IAsyncEnumerable<Outcome> List(ListRequest request, CancellationToken cancel);

    /// <summary>The properties in force for a bucket.</summary>
    BucketProperties Properties(string bucket);

    /// <summary>Sets a bucket's properties on every node (null resets them): "" once durable here, else one sentence.</summary>
    Task<string> SetProperties(string bucket, BucketProperties? properties);

    /// <summary>What this node says about itself now.</summary>
    Task<NodeStatus> Status();

    /// <summary>Every number that the node tells of itself now.</summary>
    NodeReading Reading();

    /// <summary>
    /// Begins to compare everything this node holds with every other owner, and to repair what differs: how that stands
    /// then; null while the node is down.
    /// </summary>
    Task<SyncProgress?> Repair();

    /// <summary>What anti-entropy has done on this node, and what is left of a repair; null while the node is down.</summary>
    Task<SyncProgress?> RepairProgress();

    /// <summary>Begins a backup of the node's data folder while it runs: "" when it is under way, else one sentence.</summary>
    /// <param name="folder">Where to, on the node's machine: an absolute path of a folder that is empty or not there.</param>
    /// <param name="bytesPerSecond">The most that is copied in a second; null for the standard rate.</param>
    Task<string> Backup(string folder, long? bytesPerSecond) => Task.FromResult($"{Self} cannot be backed up here.");

    /// <summary>How the last backup stands; null when none was asked for since the node's process started.</summary>
    BackupProgress? LastBackup => null;

    /// <summary>How far the node has come with the backup it is being restored from; null when there is none.</summary>
    Task<RestoreProgress?> Restore() => Task.FromResult<RestoreProgress?>(null);

    /// <summary>What this node's own store holds for a key, without asking anybody; null when it holds nothing.</summary>
    Task<LocalRecord?> Local(Key key);

    /// <summary>The membership as this node knows it.</summary>
    Task<MembershipAnswer<MembershipStatus>> Membership();

    /// <summary>Stages a change of the membership at this node; nothing happens until it is committed here.</summary>
    /// <param name="change">The change; its <see cref="MembershipChange.Check"/> was asked before.</param>
    /// <param name="force">Whether a node that is reachable may be removed.</param>
    Task<MembershipAnswer<MembershipStatus>> Stage(MembershipChange change, bool force);

    /// <summary>Forgets what is staged at this node.</summary>
    Task<MembershipAnswer<MembershipStatus>> ClearStaged();

    /// <summary>What committing the staged changes would do.</summary>
    Task<MembershipAnswer<MembershipPlan>> Plan();

    /// <summary>Commits the staged changes; what answers is the plan that is carried out from then on.</summary>
    /// <param name="basedOn">
    /// The <see cref="PlanMark"/> of the plan that was looked at: refused when another one would be carried out; null asks for
    /// no such check.
    /// </param>
    Task<MembershipAnswer<MembershipPlan>> Commit(ulong? basedOn);
}

/// <summary>A node's own account of itself.</summary>
/// <param name="Runtime">"akka" or "embedded".</param>
/// <param name="ProcessId">The operating system's number for the process.</param>
/// <param name="Engine">The storage engine: "sqlite", "buffered" or "memory".</param>
/// <param name="StorageError">null while the store works, else one sentence.</param>
/// <param name="Keys">Records held in partition replicas, tombstones included.</param>
/// <param name="Tombstones">Records that are nothing but tombstones.</param>
/// <param name="Partitions">Partition replicas with at least one record.</param>
/// <param name="Hints">Hints waiting here, by the owner they wait for.</param>
/// <param name="Nodes">Every ring member, and whether this node can reach it.</param>
/// <param name="RequestsInFlight">Requests being coordinated here.</param>
/// <param name="Counters">Monotonic counters by name, for /stats and /metrics; see <see cref="CounterNames"/>.</param>
public sealed record NodeStatus(
    string Runtime,
    int ProcessId,
    string Engine,
    string? StorageError,
    long Keys,
    long Tombstones,
    int Partitions,
    ImmutableSortedDictionary<string, long> Hints,
    ImmutableArray<NodeReachability> Nodes,
    int RequestsInFlight,
    ImmutableSortedDictionary<string, long> Counters)
{
    /// <summary>Why the node takes no requests, one sentence; empty when it is a member and takes them.</summary>
    public string Absence { get; init; } = "";

    /// <summary>Why the node lets requests wait, one sentence; empty when it does not.</summary>
    public string Asking { get; init; } = "";

    /// <summary>Bytes free on the disk that holds the node's data; null in memory, and where the system does not say.</summary>
    public long? DiskFree { get; init; }
}

/// <summary>A ring member as another node sees it.</summary>
/// <param name="Node">The member.</param>
/// <param name="Reachable">Whether requests are sent to it.</param>
/// <param name="Url">Its HTTP address when known, else "".</param>
public sealed record NodeReachability(NodeId Node, bool Reachable, string Url);
