using Dynamo.Core;

namespace Dynamo.Embedded;

/// <summary>The links between the nodes of one process: in order, without loss, until somebody cuts them.</summary>
/// <remarks>Thread-safe. A message to a node that is down, or over a cut link, is lost without a word, as on a real network.</remarks>
internal sealed class EmbeddedNetwork
{
    private readonly Lock _lock = new();
    private Dictionary<NodeId, EmbeddedNode> _nodes = [];
    private HashSet<(NodeId From, NodeId To)> _cuts = [];

    public void Attach(EmbeddedNode node) => Change(nodes => nodes[node.Self] = node);

    public void Detach(NodeId node) => Change(nodes => nodes.Remove(node));

    public void Send(NodeId from, NodeId to, Message message)
    {
        if (Volatile.Read(ref _cuts).Contains((from, to))) return;
        if (Volatile.Read(ref _nodes).TryGetValue(to, out var node)) node.Deliver(from, message);
    }

    public void Cut(IEnumerable<(NodeId From, NodeId To)> links)
    {
        lock (_lock) Volatile.Write(ref _cuts, [.. _cuts, .. links]);
    }

    public void Heal()
    {
        lock (_lock) Volatile.Write(ref _cuts, []);
    }

    // Readers take no lock: a change replaces the whole map.
    private void Change(Action<Dictionary<NodeId, EmbeddedNode>> change)
    {
        lock (_lock)
        {
            var copy = new Dictionary<NodeId, EmbeddedNode>(_nodes);
            change(copy);
            Volatile.Write(ref _nodes, copy);
        }
    }
}
