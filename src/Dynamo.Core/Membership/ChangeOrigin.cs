using System.Text;

namespace Dynamo.Core;

/// <summary>Who asked for a membership change, where and when; nothing is decided by it.</summary>
/// <param name="Node">The node at which it was staged.</param>
/// <param name="By">
/// Who asked, in the administrator's words; UTF-8, 0..256 bytes without control characters, for terminals show it.
/// </param>
/// <param name="At">That node's clock at the time, 0 or more. Clocks disagree: never order by it.</param>
public readonly record struct ChangeOrigin(NodeId Node, string By, Instant At)
{
    /// <summary>The most bytes of a text in a change, in UTF-8.</summary>
    public const int MaxTextBytes = 256;

    /// <summary>What is wrong with it, one sentence; empty when nothing is.</summary>
    public string Check()
    {
        if (!NodeId.TryParse(Node.Name, out _)) return "The node at which the change was staged has no proper name.";
        if (At.Microseconds < 0) return "The time of the change is before 1970.";
        return CheckText("name of who asked for the change", By);
    }

    /// <summary>Appends the binary form: node, by, microseconds.</summary>
    public void Write(WireWriter to)
    {
        to.Text(Node.Name);
        to.Text(By);
        to.Number((ulong)At.Microseconds);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; whoever reads it asks <see cref="Check"/>.</summary>
    public static ChangeOrigin Read(ref WireReader from) =>
        new(from.Node(), from.Text(MaxTextBytes), new Instant((long)from.Number()));

    /// <summary>Whether a text can be kept: what is wrong, one sentence, or empty.</summary>
    internal static string CheckText(string what, string? text)
    {
        if (text is null || Encoding.UTF8.GetByteCount(text) > MaxTextBytes)
            return $"The {what} must have at most {MaxTextBytes} bytes.";
        // Half a surrogate pair enumerates as the replacement character; it would not come back from UTF-8 as it was.
        foreach (var rune in text.EnumerateRunes())
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar) return $"The {what} has unreadable characters.";
        return "";
    }
}
