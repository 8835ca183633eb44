using System.Collections.Immutable;
using Akka.Actor;
using Akka.Remote;
using Dynamo.Client;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// All traffic between this node and the others, in frames over Akka.Remote, without Akka.Cluster's membership.
/// </summary>
/// <remarks>
/// <code>
///   machines -> ToNodes -> one writer per peer -. Flush (behind what waits for a thread) -> LinkFrame -> peer's link
///   peer's link -> LinkFrame -> head checked -> Core's codec -> replicas, coordinator, handoff, ring
/// </code>
/// Messages are gathered per peer until everything is done that waits for a thread now, because the number of remote messages is the
/// cost (measured: 1.7 to 3 times the throughput, at no latency). Peers are addressed by path without uid and never watched:
/// a watch ends in a quarantine that no restart of the peer would lift.
/// </remarks>
internal sealed partial class LinkActor : UntypedActor, IWithTimers
{
    /// <summary>From this size on a frame leaves without waiting for more.</summary>
    public const int FullFrameBytes = 48 * 1024;

    private const int HeadRoom = 1024;
    private const int MaxTransferBytes = 64 << 20;
    private const long MaxReassemblyBytes = 256L << 20;
    private static readonly TimeSpan ChunkPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(2);
    private readonly NodeWiring _wiring;
    private readonly ExtendedActorSystem _system;
    private readonly SortedDictionary<NodeId, Peer> _peers = [];
    private readonly List<Peer> _dirty = [];
    private readonly WireWriter _writer = new(FullFrameBytes + 4096);
    private readonly ChunkAssembler<NodeId> _assembler = new(MaxTransferBytes, MaxReassemblyBytes, ChunkPatience);
    private readonly FenceGate _gate;
    private readonly AddressBook _book;
    private readonly Effects _effects = new();
    private readonly Refusals _refusals;
    private readonly LinkTraffic _traffic;
    private readonly Lanes _lanes = Lanes.Of(Context.System);
    private readonly TimeSpan _reportEvery, _silence;
    private readonly ulong _cluster;
    private readonly string _address;
    private readonly byte[] _head;
    private readonly Action _flush;
    private Announce _announced = new("", "");
    private ulong _transfers = NodeWiring.Entropy() >> 16;
    private bool _flushing;

    public LinkActor(NodeWiring wiring)
    {
        var self = Self;
        _flush = () => self.Tell(LinkFlush.Instance, ActorRefs.NoSender);
        _wiring = wiring;
        _system = (ExtendedActorSystem)Context.System;
        _refusals = new Refusals(wiring, "dynamo.link");
        _traffic = wiring.Telemetry.Link;
        _book = new AddressBook(wiring, _system);
        _gate = new FenceGate(wiring.Self, wiring.Settings, NodeWiring.Entropy());
        _cluster = LinkHead.ClusterHash(wiring.Options);
        _address = _system.Provider.DefaultAddress.ToString();
        _head = LinkHead.Make(wiring, _address);
        _reportEvery = wiring.Settings.PingEvery / 4;
        var silence = wiring.Settings.PingEvery * wiring.Settings.SuspectAfter;
        _silence = silence;
        OnPeers([.. wiring.Ring.Members.Select(static m => m.Node).Where(node => node != wiring.Self)], []);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(LinkGreeting), LinkGreeting.Instance, TimeSpan.Zero, HelloEvery);
        PublishPeers();
        if (_wiring.View is { } view) Self.Tell(view);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToNodes many:
                foreach (var send in many.Messages) Enqueue(send);
                break;
            case Effect.Send send:
                Enqueue(send);
                break;
            case LinkFlush:
                _flushing = false;
                foreach (var peer in _dirty) SendFrame(peer);
                _dirty.Clear();
                break;
            case PeersAre peers:
                OnPeers(peers.Nodes, peers.Departed);
                _book.KeepOnly(peers.Nodes);
                PublishPeers();
                break;
            case ClusterView view:
                _gate.OnView(view, _effects);
                CarryOut();
                break;
            case FromNode m:
                _gate.OnMessage(m.From, m.Message, _wiring.Clock.Now, _effects);
                CarryOut();
                break;
            case LinkFrame frame:
                OnFrame(frame.Bytes.Span);
                break;
            case LinkChunk chunk:
                OnChunk(chunk.Bytes.Span);
                break;
            case LinkHello hello:
                OnHello(hello.Bytes.Span);
                break;
            case LinkRefusal refusal:
                OnRefusal(refusal.Bytes.Span);
                break;
            case Announce announce:
                _announced = announce;
                break;
            case LinkGreeting:
                _assembler.Expire(_wiring.Clock.Now);
                foreach (var peer in _peers.Values) Greet(peer, wantsReply: false);
                break;
        }
    }

    // ---- out ----

    private void Enqueue(Effect.Send send)
    {
        if (Find(send.To) is not { } peer) return;
        if (peer.Count == 0) _dirty.Add(peer);
        WireCodec.Write(peer.Waiting, _gate.Stamp(send.To, send.Message));
        peer.Count++;
        var isOfRequest = send.Message.IsOfRequest();
        peer.HoldsRequests |= isOfRequest;
        _traffic.CountMessage(isOfRequest);
        if (peer.Waiting.Length >= FullFrameBytes || peer.Count == WireCodec.MaxMessages)
        {
            SendFrame(peer);
            _dirty.Remove(peer);
        }

        if (_flushing || _dirty.Count == 0) return;
        _flushing = true;
        Context.Dispatcher.Schedule(_flush);
    }

    // What the gate wants said, to this node's own reaper as well.
    private void CarryOut()
    {
        foreach (var effect in _effects.List)
        {
            if (effect is not Effect.Send send) continue;
            if (send.To == _wiring.Self) _wiring.Dispatch(_wiring.Self, send.Message);
            else Enqueue(send);
        }

        _effects.Clear();
    }

    private void SendFrame(Peer peer)
    {
        _writer.Clear();
        _writer.Raw(_head);
        WireCodec.WriteFrame(_writer, _wiring.Self, peer.Count, peer.Waiting.Written);
        peer.Waiting.Clear();
        peer.Count = 0;
        var bytes = _writer.ToArray();
        if (bytes.Length <= Chunks.MaxBytes) Send(peer, new LinkFrame(bytes));
        else SendChunks(peer, bytes.AsMemory(_head.Length));
        peer.HoldsRequests = false;
    }

    private void SendChunks(Peer peer, ReadOnlyMemory<byte> frame)
    {
        if (frame.Length > MaxTransferBytes)
        {
            _refusals.Note(
                "to send a message", _wiring.Self.Name, $"it has {frame.Length} bytes and {MaxTransferBytes} are allowed");
            return;
        }

        foreach (var chunk in Chunks.Split(++_transfers, frame, HeadRoom))
            Send(peer, new LinkChunk(Headed(writer => writer.Raw(chunk))));
    }

    private void Send(Peer peer, object frame)
    {
        if (frame is ILaneMessage light) _lanes.Tell(peer.Link, light, ActorRefs.NoSender);
        else peer.Link.Tell(frame, ActorRefs.NoSender);
        _traffic.CountFrame(peer.HoldsRequests);
    }

    private void Greet(Peer peer, bool wantsReply) => peer.Link.Tell(
        new LinkHello(Headed(new Hello(
            _announced.Process, _announced.Island, _wiring.HttpUrl, wantsReply, Hears(peer), Whereabouts()).Write)),
        ActorRefs.NoSender);

    // Greetings alone tell of the association: frames have lanes beside it.
    private bool Hears(Peer peer) => _wiring.Clock.Now - peer.Greeted < HelloEvery * 2;

    private byte[] Headed(Action<WireWriter> body)
    {
        _writer.Clear();
        _writer.Raw(_head);
        body(_writer);
        return _writer.ToArray();
    }

    // ---- in ----

    private void OnFrame(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (SpeakerOf(ref reader) is { } peer) Deliver(peer, bytes[reader.Position..]);
    }

    private void OnChunk(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (SpeakerOf(ref reader) is not { } peer) return;
        _assembler.Add(peer.Node, bytes[reader.Position..], _wiring.Clock.Now, out var whole, out var error);
        if (error.Length > 0) _refusals.Note("a chunk", peer.Address, error);
        else if (whole is not null) Deliver(peer, whole);
    }

    private void OnHello(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (SpeakerOf(ref reader, isHello: true) is not { } peer) return;
        var hello = Hello.Read(ref reader);
        reader.End();
        if (reader.Failed)
        {
            _refusals.Note("a hello", peer.Address, reader.Error!);
            return;
        }

        peer.Greeted = _wiring.Clock.Now;
        if (!peer.IsMember) return;
        foreach (var (node, address) in hello.Whereabouts)
            if (_peers.TryGetValue(node, out var other) && !other.HasSpoken && _book.IsUnlisted(node)) MoveTo(other, address);
        if (peer.Echo.OnGreeting(hello.HearsYou, _wiring.Clock.Now)) Reconnect(peer);
        if (hello.WantsReply) Greet(peer, wantsReply: false);
        if (peer.HttpUrl != hello.HttpUrl)
        {
            peer.HttpUrl = hello.HttpUrl;
            PublishPeers();
        }

        _wiring.Islands.Tell(new PeerHello(peer.Node, peer.Address, hello));
    }

    // Connections made from both ends at once can leave Akka.Remote reading none of them (akka/akka-core#18975, #24393).
    // Without a uid "quarantine" only closes what there is and gates the address for retry-gate-closed-for.
    private void Reconnect(Peer peer)
    {
        _wiring.Say(
            EventLevel.Warning, EventNames.LinkRenewed, "dynamo.link",
            $"{peer.Node} can be heard but does not hear this node: the link to {peer.Address} is made anew.",
            ("peer", peer.Node), ("address", peer.Address));
        if (Address.TryParse(peer.Address, out var address) && _system.Provider is IRemoteActorRefProvider remote)
            remote.Quarantine(address, null);
    }

    private void Deliver(Peer peer, ReadOnlySpan<byte> frame)
    {
        if (!WireCodec.TryReadFrame(frame, out var from, out var messages, out var error) || from != peer.Node)
        {
            _refusals.Note("a frame", peer.Address, error.Length > 0 ? error : $"it says it is of {from}");
            return;
        }

        List<Message>? forCoordinator = null;
        foreach (var message in messages)
        {
            if (!(peer.IsMember || message is MembershipDigest || (peer.IsContact && message is MembershipState)) || !_gate.Admits(from, message, _effects)) continue;
            var room = message.RoomOf(out _);
            if (room == MessageRoom.Gate) _gate.OnMessage(from, message, _wiring.Clock.Now, _effects);
            else if (room == MessageRoom.Coordinator) (forCoordinator ??= []).Add(message);
            else if (message is Ping ping) Enqueue(new Effect.Send(from, new Pong(ping.Number)));
            else _wiring.Dispatch(from, message);
        }

        CarryOut();
        if (forCoordinator is not null) _wiring.Coordinator.Tell(new FromNodeBatch(from, forCoordinator));
    }
}
