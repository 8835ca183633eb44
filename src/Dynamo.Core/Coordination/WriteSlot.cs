namespace Dynamo.Core;

/// <summary>One node that a put asks to keep the record for one owner, and what has become of that.</summary>
/// <param name="node">The node.</param>
/// <param name="owner">The owner: the node itself, or the one that it stands in for.</param>
internal sealed class WriteSlot(NodeId node, NodeId owner)
{
    public NodeId Node { get; } = node;

    public NodeId Owner { get; } = owner;

    public SlotState State { get; set; }

    /// <summary>How often it was asked again.</summary>
    public int Tries { get; set; }

    /// <summary>Whether a buffer there holds it.</summary>
    public bool IsApplied { get; set; }

    /// <summary>Whether it counts for W.</summary>
    public bool HasWritten => IsApplied || State == SlotState.Acknowledged;

    /// <summary>Whether its last word is still to come.</summary>
    public bool IsOpen => State is SlotState.Asked or SlotState.Silent;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Node}{(Node == Owner ? "" : $" for {Owner}")}:{State}{(IsApplied && IsOpen ? ", applied" : "")}";
}

/// <summary>What a node has made of it.</summary>
internal enum SlotState
{
    /// <summary>It was asked.</summary>
    Asked,

    /// <summary>It has not answered in time; it still may.</summary>
    Silent,

    /// <summary>It is durable there.</summary>
    Acknowledged,

    /// <summary>It is not there.</summary>
    Refused,
}
