namespace Dynamo.Core;

/// <summary>The nodes mentioned so far while one record is written or read, so that each name travels once.</summary>
internal sealed class NodeTable
{
    private readonly List<NodeId> _nodes = new(4);


    public void Write(WireWriter to, NodeId node)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (_nodes[i] != node) continue;
            to.Count(i + 1);
            return;
        }

        _nodes.Add(node);
        to.Count(0);
        to.Text(node.Name);
    }

    public NodeId Read(ref WireReader from)
    {
        var index = from.Count(_nodes.Count);
        if (from.Failed) return default;
        if (index > 0) return _nodes[index - 1];
        if (!NodeId.TryParse(from.Text(NodeId.MaxLength), out var node)) from.Fail("A node's name is not one.");
        // One string per name in the process, so that comparing two mentions of a node compares references.
        node = node.IsNone ? node : new NodeId(string.Intern(node.Name));
        _nodes.Add(node);
        return node;
    }
}
