using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The nodes as a client knows them: the ring, and who has answered lately.</summary>
/// <remarks>
/// Two voices speak against a node: the ring snapshot of another node, and its own silence towards this client. One
/// word from the node itself outweighs both, for it is this client that wants to reach it.
/// </remarks>
internal sealed class NodeDirectory
{
    private readonly Ring _ring;
    private readonly Health[] _health;

    /// <summary>A directory of a ring.</summary>
    /// <param name="snapshot">What a node has told.</param>
    /// <param name="ring">The ring of it.</param>
    /// <param name="former">What was known before; null for nothing, and then every node counts as reachable.</param>
    public NodeDirectory(RingSnapshot snapshot, Ring ring, NodeDirectory? former)
    {
        Founding = snapshot.Founding;
        Version = snapshot.Version;
        _ring = ring;
        _health = [.. _ring.Members.Select(m => former?.Find(m.Node) ?? new Health(isNewcomer: former is not null))];
    }

    /// <summary>The cluster.</summary>
    public Founding Founding { get; }

    /// <summary>The ring's version.</summary>
    public ulong Version { get; }

    /// <summary>How many nodes there are.</summary>
    public int Count => _health.Length;

    /// <summary>Whether nodes have joined that have not said a word to this client yet.</summary>
    public bool HasNewcomers => Array.Exists(_health, static health => health.IsNewcomer);

    public NodeId NodeAt(int index) => _ring.Nodes[index];

    /// <summary>What is known of a node; null when it is no member, or none.</summary>
    public Health? Find(NodeId node) =>
        !node.IsNone && _ring.IndexOf(node) is var index and >= 0 ? _health[index] : null;

    public Health HealthOf(int index) => _health[index];

    /// <summary>The preference list of a key, node indexes into <paramref name="into"/>; returns how many.</summary>
    public int PreferenceList(Key key, Span<int> into) => _ring.PreferenceList(_ring.PartitionOf(key), into);

    /// <summary>Takes over what a snapshot of the same ring says about reachability.</summary>
    /// <remarks>
    /// Who sent it may be the one that is cut off: against a node that has spoken to this client lately its word counts nothing.
    /// </remarks>
    /// <param name="snapshot">The ring.</param>
    /// <param name="now">The time.</param>
    /// <param name="lately">How long a node's own word outweighs another's.</param>
    /// <returns>Whether some node is said to be unreachable, and it is worth asking it.</returns>
    public bool Report(RingSnapshot snapshot, Instant now, TimeSpan lately)
    {
        var any = false;
        foreach (var node in snapshot.Nodes)
        {
            if (_ring.IndexOf(node.Id) is not (var index and >= 0)) continue;
            var health = _health[index];
            any |= health.ReportedUnreachable = !node.Reachable && (health.Heard == default || now - health.Heard >= lately);
        }

        return any;
    }

    /// <summary>Who of a key's owners should coordinate: the first in good health, unless another one has much less to do; -1 when all are ill.</summary>
    /// <remarks>
    /// A node that is held up, by its disk, by a collection of garbage or by hints that come home, is seen by what it has not answered yet. One
    /// owner for all writes of a key keeps clocks short, so the first is passed over only when more than twice as much is under way to it.
    /// A newcomer waits until it has spoken: the first connection to a node takes a hundred times as long as a request.
    /// Source: DeCandia et al., Dynamo (SOSP 2007), section 5: any of the top N nodes may coordinate, for one alone would be overloaded.
    /// </remarks>
    /// <param name="owners">Node indexes in the order of the preference list.</param>
    public int ChooseOwner(ReadOnlySpan<int> owners)
    {
        int first = -1, least = -1, newcomer = -1;
        foreach (var index in owners)
        {
            if (!_health[index].IsGood) continue;
            if (_health[index].IsNewcomer) newcomer = index;
            else if (first < 0) first = least = index;
            else if (_health[index].UnderWay < _health[least].UnderWay) least = index;
        }

        if (first < 0) return newcomer;
        return _health[first].UnderWay > 2 * _health[least].UnderWay ? least : first;
    }

    /// <summary>A node in good health, another one each time, newcomers when there are no others; -1 when there is none.</summary>
    public int NextHealthy(ref int turn)
    {
        var newcomer = -1;
        for (var i = 0; i < _health.Length; i++)
        {
            var index = ++turn % _health.Length;
            if (!_health[index].IsGood) continue;
            if (!_health[index].IsNewcomer) return index;
            newcomer = index;
        }

        return newcomer;
    }

    /// <summary>What is known of one node.</summary>
    internal sealed class Health(bool isNewcomer)
    {
        /// <summary>When it last said anything.</summary>
        public Instant Heard { get; private set; }

        /// <summary>When it was last asked whether it lives.</summary>
        public Instant Pinged { get; set; }

        /// <summary>Requests that it has been sent and whose answers are waited for.</summary>
        public int UnderWay { get; set; }

        /// <summary>Whether it has been silent to this client for too long.</summary>
        public bool Suspected { get; set; }

        /// <summary>Whether the node that sent the last snapshot cannot reach it.</summary>
        public bool ReportedUnreachable { get; set; }

        /// <summary>Whether it has joined while this client was there, and has not said a word to it yet.</summary>
        public bool IsNewcomer { get; private set; } = isNewcomer;

        public bool IsGood => !Suspected && !ReportedUnreachable;

        /// <summary>It has said something.</summary>
        public void OnWord(Instant now)
        {
            Heard = now;
            IsNewcomer = false;
            Suspected = false;
            ReportedUnreachable = false;
        }
    }
}
