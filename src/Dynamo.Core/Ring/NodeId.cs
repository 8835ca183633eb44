namespace Dynamo.Core;

/// <summary>The name of a cluster node: what an administrator calls it, kept in its data folder for life.</summary>
/// <remarks>
/// A node is its name, not its address: a process that comes back elsewhere under the same name is the same node.
/// Names are ordered by their UTF-16 code units, which is the same order on every machine. <c>default</c> is no node.
/// </remarks>
public readonly struct NodeId : IEquatable<NodeId>, IComparable<NodeId>
{
    /// <summary>The most characters a name may have.</summary>
    public const int MaxLength = 64;

    private readonly string? _name;

    /// <summary>A node's name from a trusted place; see <see cref="TryParse"/> for outside input.</summary>
    public NodeId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _name = name;
    }

    /// <summary>The name; empty for <c>default</c>.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether this is <c>default</c>, the absence of a node.</summary>
    public bool IsNone => _name is null;

    /// <summary>Reads a name from outside: 1..64 characters out of letters, digits, '-', '_' and '.'.</summary>
    public static bool TryParse(string? text, out NodeId node)
    {
        node = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return false;
        node = new NodeId(text);
        return true;
    }

    public static bool operator ==(NodeId a, NodeId b) => a.Equals(b);

    public static bool operator !=(NodeId a, NodeId b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(NodeId other) => ReferenceEquals(_name, other._name) || string.Equals(_name, other._name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NodeId other && Equals(other);

    /// <inheritdoc/>
    public int CompareTo(NodeId other) =>
        ReferenceEquals(_name, other._name) ? 0 : string.CompareOrdinal(_name, other._name);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)StableHash.Of(Name);

    /// <inheritdoc/>
    public override string ToString() => _name ?? "(none)";
}
