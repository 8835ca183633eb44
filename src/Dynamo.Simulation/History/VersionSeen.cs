using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One version that was durable on some disk, or shown to a client: a dot and what it stands for.</summary>
public sealed class VersionSeen
{
    /// <summary>The version.</summary>
    public required Sibling Sibling { get; init; }

    /// <summary>When it was first seen, in virtual microseconds.</summary>
    public required long FirstSeen { get; init; }

    /// <summary>
    /// When a node first asked its disk to keep it; <see cref="FirstSeen"/> where that is not known. Others may have it before any disk
    /// has, and where something replaces it in between no disk has it ever, so this is when its write was under way.
    /// </summary>
    public required long FirstAsked { get; init; }

    /// <summary>The put that wrote it; 0 for a tombstone, or for a counter's entry.</summary>
    public required int Put { get; init; }

    /// <summary>Its dot.</summary>
    public Dot Dot => Sibling.Dot;

    /// <summary>Whether some client was shown it.</summary>
    public bool WasShown { get; set; }

    /// <summary>Whether it was ever durable on some disk.</summary>
    public bool WasDurable { get; set; }

    /// <summary>
    /// Whether a fault destroyed the last durable copy that knew of it: then it may be lost, and what it replaced may return.
    /// </summary>
    public bool WasDestroyed { get; set; }

    /// <summary>Whether it is a tombstone that some owner has removed for good; what it replaced must stay away all the same.</summary>
    public bool WasReaped { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        Sibling.IsTombstone ? $"tombstone {Dot}" : Put == 0 ? $"entry {Dot}" : $"version {Put} {Dot}";
}
