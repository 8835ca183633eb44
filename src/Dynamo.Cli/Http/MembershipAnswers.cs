namespace Dynamo.Cli.Http;

/// <summary><c>/admin/cluster</c> as far as membership goes; null where the node cannot say.</summary>
internal sealed record ClusterMembershipAnswer(string Name, string Id, string Self, MembershipDocument? Membership);

/// <summary>The membership as one node knows it.</summary>
internal sealed record MembershipDocument(
    int Commits, VersionDocument Settled, VersionDocument? Next, int TransfersLeft, IReadOnlyList<StandingDocument> Nodes,
    IReadOnlyList<ChangeDocument> Staged, string? Absence = null);

/// <summary>A ring: how many commits made it, and what gave way in it.</summary>
internal sealed record VersionDocument(int Version, IReadOnlyList<string> Violations);

/// <summary>A node of the ring that is or of the one that is coming, and how far it has come.</summary>
internal sealed record StandingDocument(
    string Name, string Zone, int Weight, int WeightNext, int Partitions, int PartitionsNext, string Step, bool Reachable,
    string Url);

/// <summary>A change that is staged.</summary>
internal sealed record ChangeDocument(string By, string Sentence);

/// <summary>What answers a change that was staged, and clear.</summary>
internal sealed record StagedDocument(IReadOnlyList<ChangeDocument> Staged);

/// <summary><c>/admin/cluster/plan</c>: what committing would do.</summary>
internal sealed record PlanDocument(
    string BasedOn,
    IReadOnlyList<ChangeDocument> Changes,
    IReadOnlyList<PlannedNodeDocument> Nodes,
    int PartitionsMoved,
    int ReplicasMoved,
    long? KeysMoved,
    long? BytesMoved,
    IReadOnlyList<MoveDocument> Moves,
    IReadOnlyList<string> Violations,
    IReadOnlyList<string> Warnings);

/// <summary>A node's row in a plan.</summary>
internal sealed record PlannedNodeDocument(
    string Name, string Zone, string State, int Weight, int WeightNext, int Partitions, int PartitionsNext);

/// <summary>What one node gets from another; from nobody when all who have it are removed.</summary>
internal sealed record MoveDocument(string? From, string To, int Replicas, long? Keys, long? Bytes);
