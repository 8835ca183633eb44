using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>What a node says about itself besides who it is.</summary>
/// <param name="Process">
/// Its actor system, told apart from an earlier one at the same address: <c>address#uid</c>.
/// </param>
/// <param name="Island">The island of Akka.Cluster it is in; "" for none.</param>
/// <param name="HttpUrl">Where it serves HTTP; "" when it does not.</param>
/// <param name="WantsReply">Whether it asks for a hello in return.</param>
/// <param name="HearsYou">Whether it has heard the receiver lately; see <see cref="Echo"/>.</param>
/// <param name="Whereabouts">
/// Where nodes are that no configuration names: two that have joined know of each other by name only, until somebody tells.
/// </param>
internal sealed record Hello(
    string Process, string Island, string HttpUrl, bool WantsReply, bool HearsYou,
    IReadOnlyCollection<KeyValuePair<NodeId, string>> Whereabouts)
{
    private const int MaxTextBytes = 500;

    public void Write(WireWriter to)
    {
        to.Text(Process);
        to.Text(Island);
        to.Text(HttpUrl);
        to.Bool(WantsReply);
        to.Bool(HearsYou);
        AddressBook.Write(to, Whereabouts);
    }

    public static Hello Read(ref WireReader from) => new(
        from.Text(MaxTextBytes), from.Text(MaxTextBytes), from.Text(MaxTextBytes), from.Bool(), from.Bool(),
        AddressBook.Read(ref from));
}

/// <summary>A peer said hello; for whoever looks after the islands.</summary>
/// <param name="Node">The peer.</param>
/// <param name="Address">Its actor system's address.</param>
/// <param name="Hello">What it said.</param>
internal sealed record PeerHello(NodeId Node, string Address, Hello Hello) : INoSerializationVerificationNeeded;

/// <summary>What this node is to say from now on.</summary>
/// <param name="Process">See <see cref="Hello"/>.</param>
/// <param name="Island">See <see cref="Hello"/>.</param>
internal sealed record Announce(string Process, string Island) : INoSerializationVerificationNeeded;
