using System.Collections.Immutable;
using System.Diagnostics;

namespace Dynamo.Core;

/// <summary>One thing an administrator wants of the membership.</summary>
/// <remarks>
/// Explicit, because a node that does not answer has usually not gone for good: nobody joins or leaves by failing.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1. The kinds are those of Riak's <c>riak-admin cluster</c>.
/// Differs: the paper knows joins and leaves only.
/// </remarks>
/// <param name="Origin">Who asked, where and when.</param>
public abstract record MembershipChange(ChangeOrigin Origin)
{
    // The fewest bytes of a change: kind, origin of a node with a one-letter name, node with a one-letter name.
    internal const int MinBytes = 7;

    /// <summary>Every node the change names, 1 or 2.</summary>
    public abstract ImmutableArray<NodeId> Names { get; }

    /// <summary>A new node becomes a member and takes its share.</summary>
    /// <param name="Member">The node, with weight 1..1024 and zone (0..256 bytes of UTF-8).</param>
    /// <param name="Origin">Who asked.</param>
    public sealed record Join(RingMember Member, ChangeOrigin Origin) : MembershipChange(Origin)
    {
        /// <inheritdoc/>
        public override ImmutableArray<NodeId> Names => [Member.Node];
    }

    /// <summary>A member that is alive hands everything over and goes.</summary>
    /// <param name="Node">The member.</param>
    /// <param name="Origin">Who asked.</param>
    public sealed record Leave(NodeId Node, ChangeOrigin Origin) : MembershipChange(Origin)
    {
        /// <inheritdoc/>
        public override ImmutableArray<NodeId> Names => [Node];
    }

    /// <summary>A member that is dead goes; its replicas come from the other nodes that hold them.</summary>
    /// <param name="Node">The member.</param>
    /// <param name="Origin">Who asked.</param>
    public sealed record Remove(NodeId Node, ChangeOrigin Origin) : MembershipChange(Origin)
    {
        /// <inheritdoc/>
        public override ImmutableArray<NodeId> Names => [Node];
    }

    /// <summary>A new node takes exactly the partitions, the weight and the zone of a member, which goes.</summary>
    /// <param name="Old">The member, alive or dead.</param>
    /// <param name="New">The new node.</param>
    /// <param name="Origin">Who asked.</param>
    public sealed record Replace(NodeId Old, NodeId New, ChangeOrigin Origin) : MembershipChange(Origin)
    {
        /// <inheritdoc/>
        public override ImmutableArray<NodeId> Names => [Old, New];
    }

    /// <summary>A member gets another weight, and with it another share.</summary>
    /// <param name="Node">The member.</param>
    /// <param name="Weight">The new weight, 1..1024.</param>
    /// <param name="Origin">Who asked.</param>
    public sealed record Weigh(NodeId Node, int Weight, ChangeOrigin Origin) : MembershipChange(Origin)
    {
        /// <inheritdoc/>
        public override ImmutableArray<NodeId> Names => [Node];
    }

    /// <summary>What is wrong with the change whatever the membership, one sentence; empty when nothing is.</summary>
    public string Check()
    {
        foreach (var name in Names)
            if (!NodeId.TryParse(name.Name, out _))
                return $"A node's name must have 1 to {NodeId.MaxLength} letters, digits, '-', '_' or '.'.";
        var origin = Origin.Check();
        return origin.Length > 0 ? origin : this switch
        {
            Join join when CheckWeight(join.Member.Node, join.Member.Weight) is { Length: > 0 } wrong => wrong,
            Join join => ChangeOrigin.CheckText("zone", join.Member.Zone),
            Weigh weigh => CheckWeight(weigh.Node, weigh.Weight),
            _ => "",
        };
    }

    /// <summary>The change for an administrator, such as "node1 is replaced by node4".</summary>
    public sealed override string ToString() => this switch
    {
        Join { Member: { Zone: "", Node: var node, Weight: var weight } } => $"{node} joins with weight {weight}",
        Join { Member: var m } => $"{m.Node} joins with weight {m.Weight} in zone {m.Zone}",
        Leave leave => $"{leave.Node} leaves",
        Remove remove => $"{remove.Node} is removed",
        Replace replace => $"{replace.Old} is replaced by {replace.New}",
        Weigh weigh => $"{weigh.Node} gets weight {weigh.Weight}",
        _ => throw new UnreachableException(),
    };

    /// <summary>Appends the binary form: kind, origin, names, then weight and zone where the kind has them.</summary>
    public void Write(WireWriter to)
    {
        to.Byte(this switch
        {
            Join => 1,
            Leave => 2,
            Remove => 3,
            Replace => 4,
            Weigh => 5,
            _ => throw new UnreachableException(),
        });
        Origin.Write(to);
        foreach (var name in Names) to.Text(name.Name);
        switch (this)
        {
            case Join join:
                to.Count(join.Member.Weight);
                to.Text(join.Member.Zone);
                break;
            case Weigh weigh:
                to.Count(weigh.Weight);
                break;
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are no sound change.</summary>
    public static MembershipChange? Read(ref WireReader from)
    {
        var kind = from.Byte();
        var origin = ChangeOrigin.Read(ref from);
        var node = from.Node();
        MembershipChange? change = kind switch
        {
            1 => new Join(
                new RingMember(node, from.Count(RingMember.MaxWeight), from.Text(ChangeOrigin.MaxTextBytes)), origin),
            2 => new Leave(node, origin),
            3 => new Remove(node, origin),
            4 => new Replace(node, from.Node(), origin),
            5 => new Weigh(node, from.Count(RingMember.MaxWeight), origin),
            _ => null,
        };
        if (change is null) from.Fail($"No membership change has the kind {kind}.");
        if (!from.Failed && change!.Check() is { Length: > 0 } wrong) from.Fail(wrong);
        return from.Failed ? null : change;
    }

    private static string CheckWeight(NodeId node, int weight) => weight is >= 1 and <= RingMember.MaxWeight
        ? ""
        : $"The weight of {node} is {weight}; it must be 1 to {RingMember.MaxWeight}.";
}
