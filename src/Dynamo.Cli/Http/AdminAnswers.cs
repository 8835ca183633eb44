namespace Dynamo.Cli.Http;

/// <summary>A page of a streamed list of keys or buckets.</summary>
internal sealed record ListPage(IReadOnlyList<string>? Keys, IReadOnlyList<string>? Buckets, string? Error);

/// <summary><c>/admin/cluster</c>: the cluster as one node sees it.</summary>
internal sealed record ClusterAnswer(
    string Name, string Id, IReadOnlyList<MemberAnswer> Members, MembershipDocument? Membership = null);

/// <summary>A ring member as one node sees it; the share is in partitions, the URL "" when it is not known.</summary>
internal sealed record MemberAnswer(string Name, int Weight, string Zone, int Share, bool Reachable, string Url);

/// <summary><c>/admin/ring</c>: the owner of every partition, in ring order.</summary>
internal sealed record RingAnswer(int Partitions, IReadOnlyList<string> Owners);

/// <summary><c>/admin/preflist/{bucket}/{key}</c>: where a key belongs.</summary>
internal sealed record PreferenceListAnswer(
    string Bucket,
    string Key,
    int NVal,
    int Partition,
    string Position,
    IReadOnlyList<PreferredNode> Primaries,
    IReadOnlyList<PreferredNode> Fallbacks);

/// <summary>A node of a preference list.</summary>
internal sealed record PreferredNode(string Node, bool Reachable);
