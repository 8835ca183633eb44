namespace Dynamo.Core;

/// <summary>How far one node has come with the membership history; written by that node alone, spread by gossip.</summary>
/// <remarks>
/// Each step is named by the digest of a ring (<see cref="RingVersion.Digest"/>), 0 for the founding's. A node says it only when
/// it is durable there, so that a restart never takes it back, and when no request is under way that began before it.
/// </remarks>
/// <param name="Node">The node.</param>
/// <param name="Stamp">Grows with each change; the higher one counts.</param>
/// <param name="Acked">The latest ring that it writes by.</param>
/// <param name="Confirmed">The latest ring for which it holds everything that it gains; 0 for none.</param>
/// <param name="Switched">The latest ring that it reads by; 0 for the founding's.</param>
/// <param name="Settled">The latest ring that it writes by alone; 0 for the founding's.</param>
/// <param name="Departed">
/// For a node that has left: the ring that it is no member of and for which it has handed over everything that it held. 0 before.
/// </param>
/// <param name="NVals">
/// Every n_val that it had heard of when it said so. Replicas of each move before a ring is read by: what is written with one that
/// nobody knew when he acked goes to both rings from its first write on.
/// </param>
public sealed record Standing(
    NodeId Node, ulong Stamp, ulong Acked, ulong Confirmed, ulong Switched, ulong Settled, ulong Departed,
    NValSet NVals)
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
        to.Fixed64(Departed);
        NVals.Write(to);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Standing Read(ref WireReader from) =>
        new(
            from.Node(), from.Number(), from.Fixed64(), from.Fixed64(), from.Fixed64(), from.Fixed64(), from.Fixed64(),
            NValSet.Read(ref from));
}
