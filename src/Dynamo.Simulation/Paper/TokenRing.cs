using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Strategy 1: every node has T random tokens, and the tokens cut the ring into ranges. An immutable snapshot.</summary>
/// <remarks>
/// <code>
///     t0 n2        t1 n1              t2 n2      t3 n3           A key belongs to the first token at or after it,
///   ---+-------------+------------------+----------+---> wraps    so a range is (previous token, token].
///        (t0, t1] n1     (t1, t2] n2     (t2, t3] n3
/// </code>
/// Only for comparison: the system itself partitions by strategy 3, <see cref="Placement"/> and <see cref="Ring"/>.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.2 and 6.2, strategy 1.
/// </remarks>
internal sealed class TokenRing
{
    private readonly Token[] _tokens;
    private readonly ushort[] _owners;

    /// <summary>A ring of tokens.</summary>
    /// <param name="nodes">S; nodes are numbered 0..S-1.</param>
    /// <param name="tokens">Each token and the node it belongs to, in any order; 1 or more, all different.</param>
    public TokenRing(int nodes, IEnumerable<(Token Token, int Node)> tokens)
    {
        Nodes = nodes;
        (Token Token, int Node)[] sorted = [.. tokens.OrderBy(static t => t.Token)];
        Invariant.Holds(sorted.Length > 0, "A ring has at least one token.");
        _tokens = [.. sorted.Select(static t => t.Token)];
        _owners = [.. sorted.Select(static t => (ushort)t.Node)];
    }

    /// <summary>S.</summary>
    public int Nodes { get; }

    /// <summary>S times T.</summary>
    public int Count => _tokens.Length;

    /// <summary>A ring with <paramref name="each"/> random tokens for every node.</summary>
    public static TokenRing Draw(int nodes, int each, Prng random) => new(
        nodes,
        Enumerable.Range(0, nodes * each).Select(i => (new Token(new UInt128(random.Next(), random.Next())), i % nodes)));

    /// <summary>The place of the first token at or after a position, 0..<see cref="Count"/>-1.</summary>
    public int SuccessorOf(Token position)
    {
        var at = _tokens.AsSpan().BinarySearch(position);
        if (at < 0) at = ~at;
        return at == _tokens.Length ? 0 : at;
    }

    /// <summary>The first nodes clockwise from a position, distinct.</summary>
    /// <returns>How many there are: <paramref name="into"/>'s length, or all nodes when they are fewer.</returns>
    public int PreferenceList(Token position, Span<int> into) => Walk(SuccessorOf(position), into);

    /// <summary>How much of the ring each node serves as one of the first <paramref name="n"/>, 0..1 each; together n.</summary>
    public double[] Served(int n)
    {
        var served = new double[Nodes];
        Span<int> list = stackalloc int[n];
        for (var i = 0; i < _tokens.Length; i++)
        {
            var from = _tokens[i == 0 ? _tokens.Length - 1 : i - 1].Value;
            // Unsigned, so that the range across the wrap comes out right. A single token has all of the ring.
            var share = _tokens.Length == 1 ? 1 : (double)unchecked(_tokens[i].Value - from) / Whole;
            foreach (var node in list[..Walk(i, list)]) served[node] += share;
        }

        return served;
    }

    private const double Whole = 4.0 * (1UL << 63) * (1UL << 63);

    private int Walk(int at, Span<int> into)
    {
        var found = 0;
        for (var step = 0; step < _owners.Length && found < into.Length; step++)
        {
            int node = _owners[at];
            if (!into[..found].Contains(node)) into[found++] = node;
            at = at + 1 == _owners.Length ? 0 : at + 1;
        }

        return found;
    }
}

/// <summary>Strategy 2: the ring is cut into Q equal partitions, and tokens decide only who holds which.</summary>
/// <remarks>
/// A partition is held by the first N distinct nodes clockwise from its end.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2, strategy 2.
/// </remarks>
/// <param name="Tokens">The tokens.</param>
/// <param name="Q">How many partitions, a power of two, 8..65536.</param>
internal sealed record TokenPartitions(TokenRing Tokens, int Q)
{
    /// <summary>The nodes that hold a partition.</summary>
    /// <inheritdoc cref="TokenRing.PreferenceList"/>
    public int PreferenceList(PartitionId partition, Span<int> into)
    {
        // Where the last partition ends the ring begins again.
        var end = unchecked((UInt128.MaxValue / (UInt128)Q + 1) * (UInt128)(partition.Index + 1));
        return Tokens.PreferenceList(new Token(end), into);
    }

    /// <inheritdoc cref="TokenRing.Served"/>
    public double[] Served(int n)
    {
        var served = new double[Tokens.Nodes];
        Span<int> list = stackalloc int[n];
        for (var p = 0; p < Q; p++)
            foreach (var node in list[..PreferenceList(new PartitionId(p), list)]) served[node] += 1.0 / Q;
        return served;
    }
}
