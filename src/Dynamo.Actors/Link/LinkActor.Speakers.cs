using System.Text;
using Akka.Actor;
using Akka.Event;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <content>Who is listened to, and what those are told who are not.</content>
internal sealed partial class LinkActor
{
    private const int MaxReasonBytes = 500;

    // Whoever is allowed to speak: the present process of a member, or of a node that was one. Everybody else is refused in a
    // line of the log, here and there.
    private Peer? SpeakerOf(ref WireReader reader, bool isHello = false)
    {
        var head = LinkHead.Read(ref reader);
        if (reader.Failed)
        {
            _refusals.Note("a frame", "somebody", reader.Error!);
            return null;
        }

        if (head.Cluster != _cluster)
            return Refuse(
                head, isHello, "it belongs to another cluster: the first members, partitions, target-n-val, name or key differ");
        if (head.Node == _wiring.Self)
            return Refuse(head, isHello, "it bears this node's own name");
        if (Find(head.Node) is not { } peer)
            return Refuse(head, isHello, "it is no member of the ring");
        var now = _wiring.Clock.Now;
        switch (peer.Holder.Judge(head.Identity, head.Incarnation, now))
        {
            case NameHolder.Verdict.Superseded:
                return Refuse(head, isHello, "a newer process has taken its place");
            case NameHolder.Verdict.Taken:
                return Refuse(head, isHello, $"its name is taken by the process at {peer.Address}");
            case NameHolder.Verdict.Contested:
                return null;
            case NameHolder.Verdict.Newer:
                OnNewProcess(peer, head.Address);
                break;
        }

        if (!peer.IsMember || now - peer.Reported < _reportEvery) return peer;
        peer.Reported = now;
        _wiring.RingActor.Tell(new Heard(peer.Node));
        return peer;
    }

    private Peer? Refuse(in LinkHead head, bool isHello, string reason)
    {
        var address = Encoding.UTF8.GetString(head.Address);
        if (isHello && address != _address)
            _book.LinkAt(address).Tell(new LinkRefusal(Headed(writer => writer.Text(reason))), ActorRefs.NoSender);
        return _refusals.Note<Peer>("frames", $"{head.Node} at {address}", reason);
    }

    private void OnRefusal(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var head = LinkHead.Read(ref reader);
        var reason = reader.Text(MaxReasonBytes);
        if (!reader.Failed) _refusals.NoteOwn($"{head.Node} at {Encoding.UTF8.GetString(head.Address)}", reason);
    }
}
