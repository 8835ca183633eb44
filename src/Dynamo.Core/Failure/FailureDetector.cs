namespace Dynamo.Core;

/// <summary>One node's opinion of who can be reached: its own evidence first, the cluster's word as a hint.</summary>
/// <remarks>
/// Any message from a peer is proof of life. A peer that was silent for a whole interval is pinged; several pings in a row without a
/// word make it unreachable here. The cluster's detector (phi-accrual gossip, where the runtime has one) speeds the
/// verdict up when this node, too, has just missed an answer, but never overrules an answer that came: one observer's
/// bad link must not send a whole cluster to fallbacks. Unreachable never means removed from the ring.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.3.
/// </remarks>
public sealed class FailureDetector
{
    /// <summary>Peers pinged in one interval at most; a larger ring is gone through in turn.</summary>
    public const int MaxPingsPerInterval = 32;

    private readonly NodeSettings _settings;
    private readonly SortedDictionary<NodeId, Peer> _peers = [];
    private ulong _pings;
    private int _turn;

    /// <summary>A detector that has heard of nobody: every peer is unreachable until it speaks.</summary>
    public FailureDetector(NodeId self, IEnumerable<NodeId> members, NodeSettings settings)
    {
        _settings = settings;
        foreach (var member in members)
            if (member != self) _peers.Add(member, new Peer { Missed = settings.SuspectAfter });
    }

    /// <summary>Who is to be watched from now on: new ones count as unreachable until they speak, the others' opinions stay.</summary>
    public void OnMembers(IEnumerable<NodeId> peers)
    {
        var watched = new SortedSet<NodeId>(peers);
        foreach (var gone in _peers.Keys.Where(node => !watched.Contains(node)).ToList())
        {
            _peers.Remove(gone);
            Revision++;
        }

        foreach (var node in watched)
            if (_peers.TryAdd(node, new Peer { Missed = _settings.SuspectAfter })) Revision++;
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>Grows whenever the opinion of some peer changes.</summary>
    public int Revision { get; private set; }

    /// <summary>Whether a peer can be reached.</summary>
    public bool IsReachable(NodeId node) => _peers.TryGetValue(node, out var peer) && peer.IsReachable;

    /// <summary>A message came from a peer.</summary>
    public void OnHeard(NodeId from, Effects effects)
    {
        if (!_peers.TryGetValue(from, out var peer)) return;
        peer.Missed = 0;
        peer.Heard = true;
        Judge(from, peer, effects);
    }

    /// <summary>The runtime's cluster membership says what it thinks of a peer.</summary>
    public void OnClusterVerdict(NodeId node, bool reachable, Effects effects)
    {
        if (!_peers.TryGetValue(node, out var peer)) return;
        peer.ClusterSaysGone = !reachable;
        Judge(node, peer, effects);
    }

    /// <summary>Tells the time: silent peers are pinged and judged.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return;
        Deadline = now + _settings.PingEvery;
        var rounds = (_peers.Count + MaxPingsPerInterval - 1) / MaxPingsPerInterval;
        var at = 0;
        foreach (var (node, peer) in _peers)
        {
            if (at++ % Math.Max(rounds, 1) != _turn) continue;
            if (!peer.Heard && peer.Pinged) peer.Missed = Math.Min(peer.Missed + 1, _settings.SuspectAfter);
            // Who spoke within the interval needs no ping; who speaks rarely gets one each time.
            peer.Pinged = !peer.Heard;
            if (peer.Pinged) effects.Send(node, new Ping(++_pings));
            peer.Heard = false;
            Judge(node, peer, effects);
        }

        _turn = rounds == 0 ? 0 : (_turn + 1) % rounds;
    }

    private void Judge(NodeId node, Peer peer, Effects effects)
    {
        var reachable = peer.Missed < _settings.SuspectAfter && !(peer.ClusterSaysGone && peer.Missed > 0);
        if (reachable == peer.IsReachable) return;
        peer.IsReachable = reachable;
        Revision++;
        effects.Observe(new Observation.ReachabilityChanged(node, reachable));
    }

    private sealed class Peer
    {
        public int Missed { get; set; }
        public bool Heard { get; set; }
        public bool Pinged { get; set; }
        public bool ClusterSaysGone { get; set; }
        public bool IsReachable { get; set; }
    }
}
