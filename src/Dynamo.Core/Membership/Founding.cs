using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Core;

/// <summary>The first entry of a cluster's membership history: what was fixed for good when it was created.</summary>
/// <remarks>
/// Every first member computes it from its configuration, so equal configurations found the same cluster without
/// asking anybody, and a node of another founding is told apart by its id.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1.
/// </remarks>
public sealed record Founding
{
    private Founding(string clusterName, int partitionCount, int targetNVal, ImmutableArray<RingMember> members)
    {
        ClusterName = clusterName;
        PartitionCount = partitionCount;
        TargetNVal = targetNVal;
        Members = members;
        ClusterId = ComputeId();
    }

    /// <summary>What the administrator calls the cluster, 1..64 characters.</summary>
    public string ClusterName { get; }

    /// <summary>Q, a power of two, 8..65536; 256 by default.</summary>
    public int PartitionCount { get; }

    /// <summary>The N for which placement keeps neighbours distinct, 1..16; 3 by default.</summary>
    public int TargetNVal { get; }

    /// <summary>The first members, sorted by name; 1 or more.</summary>
    public ImmutableArray<RingMember> Members { get; }

    /// <summary>32 hexadecimal digits that follow from everything above.</summary>
    public string ClusterId { get; }

    /// <summary>Checks and makes a founding; <paramref name="error"/> is one sentence when it returns false.</summary>
    public static bool TryCreate(
        string clusterName, int partitionCount, int targetNVal, IEnumerable<RingMember> members,
        out Founding founding, out string error)
    {
        founding = null!;
        ImmutableArray<RingMember> sorted = [.. members.OrderBy(static m => m.Node)];
        error = "";
        if (!NodeId.TryParse(clusterName, out _))
            error = "The cluster's name must have 1 to 64 letters, digits, '-', '_' or '.'.";
        else if (!PartitionId.IsValidCount(partitionCount))
            error = $"The number of partitions is {partitionCount}; it must be a power of two, 8 to 65536.";
        else if (targetNVal is < 1 or > BucketProperties.MaxNVal)
            error = $"target_n_val is {targetNVal}; it must be 1 to {BucketProperties.MaxNVal}.";
        else if (sorted.Length == 0)
            error = "A cluster needs at least one first member.";
        else if (sorted.Length > partitionCount)
            error = $"{sorted.Length} members cannot share {partitionCount} partitions.";
        for (var i = 0; i < sorted.Length && error.Length == 0; i++)
        {
            if (i > 0 && sorted[i].Node == sorted[i - 1].Node) error = $"The member {sorted[i].Node} is named twice.";
            else if (sorted[i].Weight is < 1 or > RingMember.MaxWeight)
                error = $"The weight of {sorted[i].Node} is {sorted[i].Weight}; it must be 1 to {RingMember.MaxWeight}.";
        }

        if (error.Length > 0) return false;
        founding = new Founding(clusterName, partitionCount, targetNVal, sorted);
        return true;
    }

    /// <summary>The ring that every node computes from the founding.</summary>
    public Ring ToRing() => new(Members, Placement.Assign(Members, PartitionCount, TargetNVal, []).Owners);

    /// <inheritdoc/>
    public bool Equals(Founding? other) => other is not null && ClusterId == other.ClusterId;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)StableHash.Of(ClusterId);

    /// <summary>Appends the binary form: version 1, name, Q, target_n_val, members.</summary>
    public void Write(WireWriter to)
    {
        to.Byte(1);
        to.Text(ClusterName);
        to.Count(PartitionCount);
        to.Count(TargetNVal);
        to.Count(Members.Length);
        foreach (var member in Members)
        {
            to.Text(member.Node.Name);
            to.Count(member.Weight);
            to.Text(member.Zone);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are not a founding.</summary>
    public static Founding? Read(ref WireReader from)
    {
        if (from.Byte() != 1) from.Fail("The founding has another format version.");
        var name = from.Text(64);
        var q = from.Count(PartitionId.MaxCount);
        var n = from.Count(BucketProperties.MaxNVal);
        var count = from.Count(PartitionId.MaxCount);
        var members = new List<RingMember>();
        for (var i = 0; i < count && !from.Failed; i++)
        {
            if (!NodeId.TryParse(from.Text(64), out var node)) from.Fail("A member's name is not one.");
            members.Add(new RingMember(node, from.Count(RingMember.MaxWeight), from.Text(256)));
        }

        if (from.Failed) return null;
        if (TryCreate(name, q, n, members, out var founding, out var error)) return founding;
        from.Fail(error);
        return null;
    }

    private string ComputeId()
    {
        var writer = new WireWriter();
        writer.Raw(Encoding.UTF8.GetBytes("dynamo cluster "));
        Write(writer);
        return Convert.ToHexStringLower(SHA256.HashData(writer.Written))[..32];
    }
}
