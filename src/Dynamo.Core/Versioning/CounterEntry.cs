using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Dynamo.Core;

/// <summary>What one store generation has counted under a key: one sibling of a counter.</summary>
/// <remarks>
/// A counter is an ordinary record whose siblings are such entries, and its value is what they come to together. An
/// increment replaces exactly its coordinator's own latest entry by a larger one, so merging records merges counters: of
/// each entry the latest is kept, which is the per-entry maximum of a PN-counter. As a value it is a text,
/// <code>
///   +17 -3          counted up 17 in all, and down 3
/// </code>
/// under a content type of its own; anything else under that content type counts for nothing.
/// Source: Shapiro et al., A comprehensive study of Convergent and Commutative Replicated Data Types (2011), PN-Counter.
/// Differs: entries belong to store generations and live as siblings, so that hints, repairs and handoff need not know them.
/// </remarks>
/// <param name="Up">All increments, summed; any 64 bits.</param>
/// <param name="Down">All decrements, summed, as a positive number; any 64 bits.</param>
public readonly record struct CounterEntry(ulong Up, ulong Down)
{
    /// <summary>The content type by which a sibling is known as a counter's entry.</summary>
    public const string ContentType = "application/vnd.dynamo.counter";

    /// <summary>The entry with nothing in it.</summary>
    public static readonly CounterEntry Zero;

    /// <summary>What the entry comes to.</summary>
    public Int128 Net => (Int128)Up - Down;

    /// <summary>Counts on.</summary>
    /// <param name="delta">What to add, negative to take away.</param>
    /// <param name="sum">The entry with it.</param>
    /// <returns>False when it does not fit in 64 bits: another entry must be begun beside this one.</returns>
    public bool TryAdd(long delta, out CounterEntry sum)
    {
        // Of the lowest long, too, which has no positive counterpart among longs.
        var size = delta < 0 ? 0 - (ulong)delta : (ulong)delta;
        sum = delta < 0 ? this with { Down = Down + size } : this with { Up = Up + size };
        return sum.Up >= Up && sum.Down >= Down;
    }

    /// <summary>Reads an entry out of a value; false when it is none, whoever wrote it.</summary>
    public static bool TryRead(Value? value, out CounterEntry entry)
    {
        entry = Zero;
        if (value is not { ContentType: ContentType, ContentEncoding: "" }) return false;
        var text = value.Body.Span;
        var blank = text.IndexOf((byte)' ');
        if (blank < 0 || !TryNumber(text[..blank], (byte)'+', out var up)
            || !TryNumber(text[(blank + 1)..], (byte)'-', out var down)) return false;
        entry = new CounterEntry(up, down);
        return true;
    }

    /// <summary>The entry as a value to be stored.</summary>
    public Value ToValue() => new() { ContentType = ContentType, Body = Encoding.ASCII.GetBytes(ToString()) };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"+{Up} -{Down}");

    // One spelling a number, so that equal entries are equal values.
    private static bool TryNumber(ReadOnlySpan<byte> text, byte sign, out ulong number)
    {
        number = 0;
        if (text.Length < 2 || text[0] != sign || (text[1] == '0' && text.Length > 2)) return false;
        return text[1] is >= (byte)'0' and <= (byte)'9'
            && Utf8Parser.TryParse(text[1..], out number, out var read) && read == text.Length - 1;
    }
}
