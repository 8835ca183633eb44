using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <content>Who is spoken to, and where they are.</content>
internal sealed partial class LinkActor
{
    // They are told what has become of them when they ask, and nothing else of theirs passes.
    private readonly SortedDictionary<NodeId, Peer> _departed = [];

    // A node that joins is known by its name alone; where it is it says itself, as a founding member does that has moved.
    private void OnPeers(IReadOnlyList<NodeId> nodes, IReadOnlyList<NodeId> departed)
    {
        // Through them a node that is to join hears of the members, when the first ones have all gone.
        List<NodeId> contacts = [.. _wiring.Options.Contacts.Except(nodes).Except(departed).Where(node => node != _wiring.Self)];
        Keep(_peers, [.. nodes, .. contacts]);
        Keep(_departed, departed);
        foreach (var node in departed) _departed.TryAdd(node, new Peer(node, _silence, HelloEvery * 3) { IsMember = false });
        foreach (var node in nodes.Concat(contacts))
        {
            if (!_peers.TryGetValue(node, out var peer))
            {
                _peers.Add(node, peer = new Peer(node, _silence, HelloEvery * 3));
                if (_book.AddressOf(node) is { } address) MoveTo(peer, address);
            }

            peer.IsContact = contacts.Contains(node);
            peer.IsMember = !peer.IsContact;
        }
    }

    private void Keep(SortedDictionary<NodeId, Peer> peers, IReadOnlyList<NodeId> nodes)
    {
        foreach (var gone in peers.Keys.Where(node => !nodes.Contains(node)).ToList())
            if (peers.Remove(gone, out var peer)) _dirty.Remove(peer);
    }

    private Peer? Find(NodeId node) => _peers.GetValueOrDefault(node) ?? _departed.GetValueOrDefault(node);

    // Only what they have said themselves.
    private List<KeyValuePair<NodeId, string>> Whereabouts() => [.. _peers.Values
        .Where(p => p.HasSpoken && _book.IsUnlisted(p.Node)).Select(static p => KeyValuePair.Create(p.Node, p.Address))];

    private void OnNewProcess(Peer peer, ReadOnlySpan<byte> address)
    {
        if (!peer.IsAt(address))
        {
            var moved = Encoding.UTF8.GetString(address);
            if (peer.Address.Length > 0)
                _wiring.Say(
                    EventLevel.Info, EventNames.NodeMoved, "dynamo.link", $"{peer.Node} is at {moved} now; it was at {peer.Address}.",
                    ("peer", peer.Node), ("address", moved));
            MoveTo(peer, moved);
            PublishPeers();
        }

        // A new process knows nothing of this one yet, and its island and HTTP address are worth knowing at once.
        if (!peer.IsMember) return;
        Greet(peer, wantsReply: true);
        // It has forgotten the mark, and back before anybody missed it, it would hear it only in return for a put that is lost.
        Enqueue(new Effect.Send(peer.Node, new FenceIs(_gate.Mine)));
    }

    private void MoveTo(Peer peer, string address)
    {
        peer.MoveTo(address, _book.LinkAt(address));
        if (peer.IsMember) _book.Learn(peer.Node, address);
    }

    private void PublishPeers() => _wiring.Peers = _peers.Values
        .Select(p => KeyValuePair.Create(p.Node, new PeerFacts(p.Address, p.HttpUrl)))
        .Append(KeyValuePair.Create(_wiring.Self, new PeerFacts(_address, _wiring.HttpUrl)))
        .ToImmutableSortedDictionary();
}
