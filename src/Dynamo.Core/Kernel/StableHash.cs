namespace Dynamo.Core;

/// <summary>FNV-1a, 64 bits: a hash that is the same in every process, unlike <see cref="string.GetHashCode()"/>.</summary>
public static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The hash of a text's UTF-16 code units.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = Offset;
        foreach (var c in text) hash = (hash ^ c) * Prime;
        return hash;
    }

    /// <summary>The hash of bytes, continued from <paramref name="seed"/> when one is given.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed = Offset)
    {
        var hash = seed;
        foreach (var b in bytes) hash = (hash ^ b) * Prime;
        return hash;
    }
}
