using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Spreads what the whole cluster must agree on: compares digests with a random peer each second, merges when they differ.</summary>
/// <remarks>
/// The state is a map that only grows, entry by entry to a higher stamp, so merging is associative, commutative and idempotent and
/// every order of exchanges ends in the same state. What a node has said it holds is durable there first.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1.
/// </remarks>
public sealed class Gossip
{
    /// <summary>The name of the cell that the bucket properties are kept in.</summary>
    public const string PropertiesCell = "properties";

    private const byte CellVersion = 1;
    private const ulong MaxLamport = long.MaxValue;
    private readonly NodeId _self;
    private readonly Founding _founding;
    private ImmutableArray<NodeId> _peers;
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly Dictionary<WriteId, List<RequestId>> _writing = [];
    private ulong _nextWrite;
    private ulong _nextRequest;
    private ulong _lamport;

    /// <summary>Reads what a node's store remembers of the properties; nothing when it remembers none, or not soundly.</summary>
    public static ImmutableSortedDictionary<string, PropertyEntry> Recall(INodeStore store) =>
        Recall(store.Cell(PropertiesCell));

    /// <summary>Reads the bytes of a properties cell, wherever they were kept; nothing when there are none, or not sound ones.</summary>
    public static ImmutableSortedDictionary<string, PropertyEntry> Recall(ReadOnlyMemory<byte>? kept)
    {
        var none = ImmutableSortedDictionary.Create<string, PropertyEntry>(StringComparer.Ordinal);
        if (kept is not { } cell) return none;
        var reader = new WireReader(cell.Span);
        // What cannot be read comes back from the first peer that gossips.
        return reader.Byte() == CellVersion && WireCodec.Read(ref reader) is GossipState state && !reader.Failed
            ? state.Properties
            : none;
    }

    /// <summary>Gossip over what the node's store remembers.</summary>
    public Gossip(
        NodeId self, Founding founding, ImmutableSortedDictionary<string, PropertyEntry> properties,
        NodeSettings settings, ulong entropy)
    {
        _self = self;
        _founding = founding;
        _peers = [.. founding.Members.Select(static m => m.Node).Where(node => node != self)];
        _settings = settings;
        _random = new Prng(entropy);
        Properties = properties;
        foreach (var entry in properties.Values) _lamport = Math.Max(_lamport, entry.Lamport);
    }

    /// <summary>Every bucket's properties that were ever set, as merged so far.</summary>
    public ImmutableSortedDictionary<string, PropertyEntry> Properties { get; private set; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>A hash of the state: equal on two nodes exactly when they agree, but for one chance in 2^64.</summary>
    public ulong Digest
    {
        get
        {
            var digest = StableHash.Of(_founding.ClusterId);
            foreach (var (bucket, entry) in Properties)
                digest = (digest * 31) ^ StableHash.Of(bucket) ^ (entry.Lamport * 0x9E3779B97F4A7C15)
                    ^ StableHash.Of(entry.Author.Name);
            return digest;
        }
    }

    /// <summary>Sets a bucket's properties (null resets them); the number returned is answered once it is durable here.</summary>
    public RequestId Set(string bucket, BucketProperties? properties, Effects effects)
    {
        Properties = Properties.SetItem(bucket, new PropertyEntry(++_lamport, _self, properties));
        var request = new RequestId(++_nextRequest);
        Persist([request], effects);
        foreach (var peer in _peers) effects.Send(peer, State(wantsReply: false));
        return request;
    }

    /// <summary>Whom to gossip with from now on.</summary>
    public void OnMembers(IEnumerable<NodeId> peers) => _peers = [.. peers];

    /// <summary>Takes gossip of a peer; true when the state changed.</summary>
    public bool OnMessage(NodeId from, Message message, Effects effects)
    {
        switch (message)
        {
            case GossipDigest digest when digest.ClusterId == _founding.ClusterId:
                if (digest.Digest != Digest) effects.Send(from, State(wantsReply: true));
                return false;
            case GossipState state when state.ClusterId == _founding.ClusterId:
                var changed = Merge(state.Properties);
                if (changed) Persist([], effects);
                if (state.WantsReply) effects.Send(from, State(wantsReply: false));
                return changed;
            default:
                return false;
        }
    }

    /// <summary>A write is durable or failed; the outcomes of the settings that waited for it.</summary>
    public IReadOnlyList<(RequestId Request, string Error)> OnWritten(WriteId id, WriteResult result) =>
        _writing.Remove(id, out var requests)
            ? [.. requests.Select(request => (request, result.Error ?? ""))]
            : [];

    /// <summary>Tells the time: now and then a random peer is told the digest.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return;
        Deadline = now + _settings.GossipEvery;
        if (_peers.IsEmpty) return;
        var peer = _peers[_random.Below(_peers.Length)];
        effects.Send(peer, new GossipDigest(_founding.ClusterId, Digest));
    }

    private GossipState State(bool wantsReply) => new(_founding.ClusterId, Properties, wantsReply);

    private bool Merge(ImmutableSortedDictionary<string, PropertyEntry> theirs)
    {
        var before = Properties;
        foreach (var (bucket, entry) in theirs)
        {
            // No honest clock gets there; taking it would leave no later time for anybody to set the bucket at.
            if (entry.Lamport > MaxLamport) continue;
            _lamport = Math.Max(_lamport, entry.Lamport);
            if (entry.CompareTo(Properties.GetValueOrDefault(bucket)) > 0) Properties = Properties.SetItem(bucket, entry);
        }

        return !ReferenceEquals(before, Properties);
    }

    private void Persist(List<RequestId> waiting, Effects effects)
    {
        var id = new WriteId(++_nextWrite);
        _writing.Add(id, waiting);
        var writer = new WireWriter();
        writer.Byte(CellVersion);
        WireCodec.Write(writer, State(wantsReply: false));
        effects.Write(id, [new StoreChange.PutCell(PropertiesCell, writer.ToArray())]);
    }
}
