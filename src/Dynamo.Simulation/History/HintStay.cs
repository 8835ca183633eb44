using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One hint from the moment a node was told that it is durable to the moment it was removed.</summary>
public sealed class HintStay
{
    /// <summary>Where it lay.</summary>
    public required NodeId Holder { get; init; }

    /// <summary>The node it was for.</summary>
    public required NodeId Owner { get; init; }

    /// <summary>The key.</summary>
    public required Key Key { get; init; }

    /// <summary>The hint's stamp.</summary>
    public required ulong Stamp { get; init; }

    /// <summary>What the hint knew.</summary>
    public required VersionVector Clock { get; init; }

    /// <summary>Whether its holder had left when it went, or worked by a ring without its owner, and so gave it to others.</summary>
    public bool WasRehomed { get; set; }

    /// <summary>Whether a fault took it from its holder's disk.</summary>
    public bool WasDestroyed { get; set; }

    /// <summary>
    /// Whether its owner, at some moment since, durably knew all that it knew. That is delivery in effect, whoever brought it.
    /// </summary>
    public bool WasDelivered { get; set; }

    /// <summary>Whether it was removed while its owner did not know all of it.</summary>
    public bool WasRemovedTooEarly { get; set; }

    /// <summary>Whether no hint was left anywhere, and its owner still did not know all that it knew.</summary>
    public bool WasMissed { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"the hint for {Owner} at {Holder} of {Key} ({Clock})";
}
