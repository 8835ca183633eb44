namespace Dynamo.Core;

/// <summary>A position on the ring: an unsigned 128-bit number, the MD5 of a key read big-endian.</summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), section 4.2.</remarks>
/// <param name="Value">The position, 0..2^128-1; the ring wraps after the largest.</param>
public readonly record struct Token(UInt128 Value) : IComparable<Token>
{
    /// <inheritdoc/>
    public int CompareTo(Token other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32");
}
