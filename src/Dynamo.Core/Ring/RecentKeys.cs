namespace Dynamo.Core;

/// <summary>Keys that were placed on the ring lately, so that one that comes again is not hashed again.</summary>
/// <remarks>
/// <code>
///   first time    its print is noted in its slot      a key that comes once leaves nothing behind that would outlive its request
///   second time   the key is kept, in one of two places
/// </code>
/// Shared by all threads without a lock: a key never changes, a place is one reference, and a write that is lost costs one
/// more miss. No result depends on a hit.
/// </remarks>
internal sealed class RecentKeys
{
    private const int SlotBits = 14;

    // Longer names are rare, and this bounds what the table can hold on to: 16,384 times some 200 bytes.
    private const int LongestName = 64;

    private readonly Key?[] _keys = new Key?[1 << SlotBits];
    private readonly uint[] _prints = new uint[1 << SlotBits];

    /// <summary>The key, when it is kept here.</summary>
    /// <param name="bucket">The bucket's UTF-8 bytes.</param>
    /// <param name="name">The name.</param>
    /// <param name="hash">What <see cref="Keep"/> wants to know when it is not.</param>
    public Key? Find(ReadOnlySpan<byte> bucket, ReadOnlySpan<byte> name, out ulong hash)
    {
        hash = 0;
        if (name.Length > LongestName) return null;
        hash = QuickHash.Of(name, QuickHash.Of(bucket));
        var slot = (int)(hash >> (64 - SlotBits));
        return _keys[slot] is { } first && Is(first, bucket, name) ? first
            : _keys[slot ^ 1] is { } second && Is(second, bucket, name) ? second
            : null;
    }

    /// <summary>A key that was not found has been made; returns it.</summary>
    public Key Keep(Key key, ulong hash)
    {
        if (key.Name.Length > LongestName) return key;
        var (slot, print) = ((int)(hash >> (64 - SlotBits)), (uint)hash);
        if (_prints[slot] != print) _prints[slot] = print;
        else _keys[_keys[slot] is not null && _keys[slot ^ 1] is null ? slot ^ 1 : slot] = key;
        return key;
    }

    private static bool Is(Key key, ReadOnlySpan<byte> bucket, ReadOnlySpan<byte> name) =>
        name.SequenceEqual(key.Name) && bucket.SequenceEqual(key.BucketUtf8);
}
