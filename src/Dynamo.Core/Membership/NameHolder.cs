namespace Dynamo.Core;

/// <summary>
/// Which process a node's name stands for, as one peer knows it: who said so, from where, and how lately.
/// </summary>
/// <remarks>
/// A node is its name and its data folder, whose identity was drawn once; each start of a process over that folder is
/// an incarnation, numbered upwards. The same identity may move to another address whenever it starts anew. Another
/// identity gets the name only when the one before has fallen silent, and is still silent a fifth of that time after the
/// other has first spoken into the silence: a node that itself stood still finds the words of both waiting, in any order,
/// and must not take its own pause for the holder's.
/// Differs from section 4.8 of the paper, which knows a node by its address alone.
/// </remarks>
/// <param name="silence">How long a holder must be silent before another identity may take its name.</param>
public sealed class NameHolder(TimeSpan silence)
{
    private ulong _identity;
    private Instant _heard;
    private Instant? _contested;

    /// <summary>The holder's incarnation; 0 while nobody has spoken under the name.</summary>
    public ulong Incarnation { get; private set; }

    /// <summary>What to do with a message that came under this name.</summary>
    public enum Verdict
    {
        /// <summary>It is the holder's.</summary>
        Known,

        /// <summary>It is of a newer process, which holds the name from now on.</summary>
        Newer,

        /// <summary>It is of a process that has been superseded.</summary>
        Superseded,

        /// <summary>It is of another identity, while the holder is alive.</summary>
        Taken,

        /// <summary>It is of another identity, and whether the holder is alive shows in a moment: not listened to yet.</summary>
        Contested,
    }

    /// <summary>Judges a message.</summary>
    /// <param name="identity">The identity of the sender's data folder.</param>
    /// <param name="incarnation">Its process, 1 or more.</param>
    /// <param name="now">The time.</param>
    public Verdict Judge(ulong identity, ulong incarnation, Instant now)
    {
        var isHolder = Incarnation != 0 && identity == _identity;
        if (isHolder && incarnation < Incarnation) return Verdict.Superseded;
        if (Incarnation != 0 && !isHolder)
        {
            if (now - _heard < silence) return Verdict.Taken;
            _contested ??= now;
            if (now - _contested.Value < silence / 5) return Verdict.Contested;
        }

        _heard = now;
        _contested = null;
        if (isHolder && incarnation == Incarnation) return Verdict.Known;
        _identity = identity;
        Incarnation = incarnation;
        return Verdict.Newer;
    }
}
