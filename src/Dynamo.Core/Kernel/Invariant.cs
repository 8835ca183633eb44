using System.Diagnostics.CodeAnalysis;

namespace Dynamo.Core;

/// <summary>Checks of what must be true whatever the outside does; a failure is a bug in this program.</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantException"/> when <paramref name="condition"/> is false.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string sentence)
    {
        if (!condition) throw new InvariantException(sentence);
    }
}

/// <summary>A machine found itself in a state that its rules exclude.</summary>
public sealed class InvariantException(string sentence) : Exception(sentence);
