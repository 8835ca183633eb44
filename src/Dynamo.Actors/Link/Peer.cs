using System.Text;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Another node as the link sees it: where it is, who holds its name, and what waits to be sent to it.
/// </summary>
internal sealed class Peer(NodeId node, TimeSpan silence, TimeSpan deafness)
{
    private byte[] _addressUtf8 = [];

    public NodeId Node { get; } = node;

    /// <summary>Whether it takes part; of one that does no more only a question about the membership passes.</summary>
    public bool IsMember { get; set; } = true;

    /// <summary>Whether this node turns to it to hear how the membership stands, and does not know yet that it takes part.</summary>
    public bool IsContact { get; set; }

    /// <summary>Which process the name stands for.</summary>
    public NameHolder Holder { get; } = new(silence);

    /// <summary>Whether what is sent to it arrives.</summary>
    public Echo Echo { get; } = new(deafness);

    /// <summary>The actor system's address; the configured one until the node has spoken.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Its link, without a uid, so that it is right for every process at the address.</summary>
    public IActorRef Link { get; private set; } = ActorRefs.Nobody;

    public string HttpUrl { get; set; } = "";

    /// <summary>Messages written for the next frame, and how many.</summary>
    public WireWriter Waiting { get; } = new(4096);

    public int Count { get; set; }

    /// <summary>Whether a client's request asks for any of them.</summary>
    public bool HoldsRequests { get; set; }

    /// <summary>Whether it has spoken to this process, so that its address is its own word.</summary>
    public bool HasSpoken => Holder.Incarnation != 0;

    /// <summary>When the failure detector was last told that it spoke.</summary>
    public Instant Reported { get; set; }

    /// <summary>When it last greeted this node.</summary>
    public Instant Greeted { get; set; }

    /// <summary>Whether <paramref name="address"/> is where the node is known to be.</summary>
    public bool IsAt(ReadOnlySpan<byte> address) => address.SequenceEqual(_addressUtf8);

    /// <summary>The node is at an address from now on.</summary>
    public void MoveTo(string address, IActorRef link)
    {
        Address = address;
        _addressUtf8 = Encoding.UTF8.GetBytes(address);
        Link = link;
    }
}
