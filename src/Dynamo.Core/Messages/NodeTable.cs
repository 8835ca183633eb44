using System.Runtime.CompilerServices;

namespace Dynamo.Core;

/// <summary>The nodes mentioned so far while one record is written or read, so that each name travels once.</summary>
/// <remarks>A struct, handed on by reference: each record needs one, and most mention three nodes or fewer.</remarks>
internal struct NodeTable
{
    private FirstNodes _first;
    private List<NodeId>? _more;
    private int _count;

    public void Write(WireWriter to, NodeId node)
    {
        for (var i = 0; i < _count; i++)
        {
            if (At(i) != node) continue;
            to.Count(i + 1);
            return;
        }

        Add(node);
        to.Count(0);
        to.Text(node.Name);
    }

    public NodeId Read(ref WireReader from)
    {
        var index = from.Count(_count);
        if (from.Failed) return default;
        if (index > 0) return At(index - 1);
        var node = from.Node();
        if (node.IsNone) from.Fail("A node's name is empty.");
        Add(node);
        return node;
    }

    private readonly NodeId At(int index) =>
        index < FirstNodes.Length ? _first[index] : _more![index - FirstNodes.Length];

    private void Add(NodeId node)
    {
        if (_count < FirstNodes.Length) _first[_count] = node;
        else (_more ??= []).Add(node);
        _count++;
    }

    [InlineArray(Length)]
    private struct FirstNodes
    {
        public const int Length = 8;
        private NodeId _element;
    }
}
