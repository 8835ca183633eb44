namespace Dynamo.Core;

/// <summary>How far one node has come with the membership history; written by that node alone, spread by gossip.</summary>
/// <remarks>
/// Each of the three is a digest: of the history, or of the history up to the commit that made a ring
/// (<see cref="RingVersion.Digest"/>). What a node says here is durable there first, so a restart never takes it back.
/// </remarks>
/// <param name="Node">The node.</param>
/// <param name="Stamp">Grows with each change; the higher one counts.</param>
/// <param name="Acked">The history it holds: from then on it writes under every ring that is coming.</param>
/// <param name="Confirmed">The latest ring for which it holds everything that it gains; 0 for none.</param>
/// <param name="Switched">The latest ring that it reads by; 0 for the founding's.</param>
/// <param name="Settled">The latest ring that it writes by alone; 0 for the founding's.</param>
/// <param name="NVals">
/// Every n_val that it had heard of when it said so. Replicas of each move before a ring is read by: what is written with one that
/// nobody knew when he acked goes to both rings from its first write on.
/// </param>
public sealed record Standing(
    NodeId Node, ulong Stamp, ulong Acked, ulong Confirmed, ulong Switched, ulong Settled, NValSet NVals)
{
    /// <summary>Appends the binary form.</summary>
    public void Write(WireWriter to)
    {
        to.Text(Node.Name);
        to.Number(Stamp);
        to.Fixed64(Acked);
        to.Fixed64(Confirmed);
        to.Fixed64(Switched);
        to.Fixed64(Settled);
        NVals.Write(to);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Standing Read(ref WireReader from) =>
        new(from.Node(), from.Number(), from.Fixed64(), from.Fixed64(), from.Fixed64(), from.Fixed64(), NValSet.Read(ref from));
}
