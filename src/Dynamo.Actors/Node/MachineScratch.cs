using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>What a machine's input leaves to be done: empty again when it has been done.</summary>
internal sealed class MachineScratch
{
    [ThreadStatic]
    private static MachineScratch? t_shared;

    public MachineScratch() => KeepWritten = result => Written.Enqueue((Writing, result));

    /// <summary>The calling thread's own, for actors of which there are hundreds: one of their own each would be in nobody's cache.</summary>
    public static MachineScratch Shared => t_shared ??= new MachineScratch();

    /// <summary>What the machines want done.</summary>
    public Effects Effects { get; } = new();

    /// <summary>Messages for other nodes.</summary>
    public List<Effect.Send> Out { get; } = [];

    /// <summary>Writes that have ended already.</summary>
    public Queue<(WriteId Id, WriteResult Result)> Written { get; } = new();

    /// <summary>The write that is being handed over.</summary>
    public WriteId Writing { get; set; }

    /// <summary>Notes how <see cref="Writing"/> has ended.</summary>
    public Action<WriteResult> KeepWritten { get; }

    /// <summary>Forgets what somebody who failed has left.</summary>
    public void Clear()
    {
        Effects.Clear();
        Out.Clear();
        Written.Clear();
    }
}
