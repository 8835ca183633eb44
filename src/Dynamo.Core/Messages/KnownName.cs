using System.Text;
using Utf8Encoding = System.Text.Unicode.Utf8;

namespace Dynamo.Core;

/// <summary>A short text that comes again and again: a bucket, a node, a content type.</summary>
/// <remarks>
/// The last ones read are remembered in a table of fixed size, so that reading one again makes no new string and two
/// mentions of a node compare as references. The table is shared by all threads without a lock: an entry never
/// changes, a slot is one reference, and a write that is lost costs one more miss. No result depends on a hit.
/// </remarks>
internal sealed class KnownName
{
    private const int Slots = 1024;

    // Longer names are rare, and this bounds what the table can hold on to: 1,024 times some 300 bytes.
    private const int LongestRemembered = 64;

    private static readonly KnownName?[] Recent = new KnownName?[Slots];

    private KnownName(byte[] utf8, string text)
    {
        Utf8 = utf8;
        Text = text;
        IsNode = NodeId.TryParse(text, out _);
    }

    /// <summary>The UTF-8 bytes; shared, never to be changed.</summary>
    public byte[] Utf8 { get; }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>Whether the text can name a node.</summary>
    public bool IsNode { get; }

    /// <summary>The name with these bytes; null when they are not UTF-8.</summary>
    public static KnownName? Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestRemembered) return Make(utf8);
        ref var slot = ref Recent[Slot(utf8)];
        var known = slot;
        if (known is not null && utf8.SequenceEqual(known.Utf8)) return known;
        known = Make(utf8);
        if (known is not null) slot = known;
        return known;
    }

    private static KnownName? Make(ReadOnlySpan<byte> utf8) =>
        Utf8Encoding.IsValid(utf8) ? new KnownName(utf8.ToArray(), Encoding.UTF8.GetString(utf8)) : null;

    private static int Slot(ReadOnlySpan<byte> utf8) => (int)(QuickHash.Of(utf8) >> (64 - 10));
}
