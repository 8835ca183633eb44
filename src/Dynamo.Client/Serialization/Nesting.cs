using System.Runtime.Serialization;

namespace Dynamo.Client;

/// <summary>Bounds how deep messages may lie inside one another.</summary>
/// <remarks>
/// Akka's envelopes (a selection, a publication, an Identify) hold any message, an envelope among them, and each level costs a
/// dozen bytes on the wire and several frames of the stack. A stack that overflows ends the process and cannot be caught.
/// </remarks>
internal static class Nesting
{
    /// <summary>The deepest an honest message lies: a selection of a publication of a message is 2.</summary>
    public const int Deepest = 8;

    [ThreadStatic]
    private static int _depth;

    /// <summary>Reads an envelope, unless it lies inside too many others.</summary>
    /// <exception cref="SerializationException">It lies too deep.</exception>
    public static object Within(Func<object> read)
    {
        if (_depth == Deepest)
            throw new SerializationException($"Messages inside one another more than {Deepest} deep are refused.");
        _depth++;
        try
        {
            return read();
        }
        finally
        {
            _depth--;
        }
    }
}
