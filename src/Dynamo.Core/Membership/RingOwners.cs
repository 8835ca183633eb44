using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The owners of one version of the ring as they were placed, so that nobody has to place all the rings before it.</summary>
/// <remarks>
/// A node keeps the ring that it has settled on beside its history, and hands it to a peer that may lack it. So a start
/// and a node that joins late place the one or two rings that are coming, and not the thousand that have been.
/// <para>
/// It is trusted, though placing all of it again would prove it. What it says follows from the history, which the
/// digest names, and by induction it is right when placing is: whoever hands it on placed it, or had it from such a node.
/// A peer that wanted to mislead could as well commit what it likes, so its word counts here as for the history and the
/// standings. Damage on the way is found by the checksum, made of what was placed. Of a ring below the one that a node
/// has settled on nothing can change any more (<see cref="Membership"/> refuses such a history), so what is kept stays
/// of use. A node that has placed the ring itself keeps its own.
/// </para>
/// </remarks>
public sealed class RingOwners
{
    private const byte Version = 1;
    private const int MaxSentenceBytes = 1024;
    private readonly ImmutableArray<ushort> _owners;
    private readonly ImmutableArray<PlacementViolation> _violations;

    private RingOwners(ulong digest, ImmutableArray<ushort> owners, ImmutableArray<PlacementViolation> violations)
    {
        Digest = digest;
        _owners = owners;
        _violations = violations;
    }

    /// <summary>The version's <see cref="RingVersion.Digest"/>: who its members are follows from the history.</summary>
    public ulong Digest { get; }

    /// <summary>The owners of a version; places it when it is not yet.</summary>
    public static RingOwners Of(RingVersion version) =>
        new(version.Digest, version.Ring.OwnerIndexes, version.Violations);

    /// <summary>Gives the ring to the version that it is of; false when the history has no such version, or not one like it.</summary>
    /// <param name="history">The history; a version of it that is placed already keeps its own ring.</param>
    public bool AdoptInto(MembershipHistory history)
    {
        if (history.Founding.PartitionCount != _owners.Length || history.Fold().Find(Digest) is not { } version) return false;
        if (version.IsPlaced) return true;
        var members = version.Members;
        foreach (var owner in _owners)
            if (owner >= members.Length) return false;
        version.Adopt(new PlacedRing(new Ring(members, [.. _owners.Select(owner => members[owner].Node)]), _violations));
        return true;
    }

    /// <summary>Appends the binary form: version 1, digest, owners as indexes of the members by name, violations, checksum.</summary>
    public void Write(WireWriter to)
    {
        var start = to.Length;
        to.Byte(Version);
        to.Fixed64(Digest);
        to.Count(_owners.Length);
        foreach (var owner in _owners) to.Count(owner);
        to.Count(_violations.Length);
        foreach (var violation in _violations)
        {
            to.Byte((byte)violation.Demand);
            to.Text(violation.Node.Name);
            to.Signed(violation.Wanted);
            to.Signed(violation.Got);
            to.Count(violation.Partitions);
            to.Text(violation.Sentence);
        }

        to.Fixed64(StableHash.Of(to.Written[start..]));
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are none, or damaged.</summary>
    public static RingOwners? Read(ref WireReader from)
    {
        var rest = from;
        var start = from.Position;
        if (from.Byte() != Version) from.Fail("The owners of a ring have another format version.");
        var digest = from.Fixed64();
        var count = from.Count(PartitionId.MaxCount);
        if (!from.HasRoomFor(count, 1)) return null;
        if (!PartitionId.IsValidCount(count)) from.Fail("The owners of a ring are no proper number of partitions.");
        var owners = ImmutableArray.CreateBuilder<ushort>(count);
        for (var i = 0; i < count && !from.Failed; i++) owners.Add((ushort)from.Count(ushort.MaxValue));
        var violations = ImmutableArray.CreateBuilder<PlacementViolation>();
        for (var left = from.Count(WireCodec.MaxListed); left > 0 && !from.Failed; left--)
        {
            var demand = (PlacementDemand)from.Byte();
            if (!Enum.IsDefined(demand)) from.Fail("The owners of a ring come with an unknown demand.");
            violations.Add(new PlacementViolation(
                demand, from.Node(), (int)from.Signed(), (int)from.Signed(), from.Count(PartitionId.MaxCount),
                from.Text(MaxSentenceBytes)));
        }

        var length = from.Position - start;
        if (from.Failed) return null;
        if (from.Fixed64() == StableHash.Of(rest.Raw(length)) && !from.Failed)
            return new RingOwners(digest, owners.MoveToImmutable(), violations.ToImmutable());
        from.Fail("The owners of a ring are damaged.");
        return null;
    }
}
