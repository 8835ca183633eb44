using System.Collections.Immutable;

namespace Dynamo.Core;

// The parts of messages about membership.
public static partial class WireCodec
{
    // A node, a stamp and four digests.
    private const int MinStandingBytes = 2 + 1 + 32;

    private static void Membership(WireWriter to, MembershipState state)
    {
        state.History.Write(to);
        to.Count(state.Standings.Length);
        foreach (var standing in state.Standings) standing.Write(to);
        to.Bool(state.WantsReply);
        to.Bool(state.Settled is not null);
        state.Settled?.Write(to);
    }

    private static MembershipState? Membership(ref WireReader from)
    {
        var history = MembershipHistory.Read(ref from);
        var count = from.Count(PartitionId.MaxCount);
        if (history is null || (count > 0 && !from.HasRoomFor(count, MinStandingBytes)))
        {
            from.Fail("A membership history is damaged.");
            return null;
        }

        var standings = ImmutableArray.CreateBuilder<Standing>(count);
        for (var i = 0; i < count && !from.Failed; i++) standings.Add(Standing.Read(ref from));
        return new MembershipState(
            history, standings.DrainToImmutable(), from.Bool(), from.Bool() ? RingOwners.Read(ref from) : null);
    }
}
