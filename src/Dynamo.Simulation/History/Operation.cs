using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>What a client asked for.</summary>
public enum OperationKind
{
    /// <summary>A get.</summary>
    Get,

    /// <summary>A put, with a context or blind.</summary>
    Put,

    /// <summary>A delete with a context.</summary>
    Delete,

    /// <summary>A delete without one: it covers what its coordinator reads.</summary>
    BlindDelete,

    /// <summary>An increment of a counter.</summary>
    Increment,
}

/// <summary>One operation of a client, as the client saw it: what it gave, what it got, and when.</summary>
public sealed class Operation
{
    /// <summary>The number, from 1: a put's value is this number in ASCII, so that every version names its put.</summary>
    public required int Id { get; init; }

    /// <summary>Who asked; a name of the workload.</summary>
    public required string Client { get; init; }

    /// <summary>What was asked for.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>The key.</summary>
    public required Key Key { get; init; }

    /// <summary>When it began, in virtual microseconds.</summary>
    public required long Began { get; init; }

    /// <summary>The dots of the context that was given; empty for none.</summary>
    public VersionVector Given { get; init; } = VersionVector.Empty;

    /// <summary>Whether the bucket resolves by time.</summary>
    public bool LastWriteWins { get; init; }

    /// <summary>
    /// The coming ring that every node wrote under when it began, as the node asked knew; null when there was none.
    /// </summary>
    public RingVersion? Coming { get; set; }

    /// <summary>When it ended; null when nobody ever answered.</summary>
    public long? Ended { get; set; }

    /// <summary>How it ended; null when nobody ever answered.</summary>
    public Outcome? Outcome { get; set; }

    /// <summary>The dots of the context that came back; null when none did.</summary>
    public VersionVector? Returned { get; set; }

    /// <summary>The versions that the answer showed.</summary>
    public ImmutableArray<Sibling> Shown { get; set; } = [];

    /// <summary>Whether the answer to a put was to show all versions.</summary>
    public bool ReturnsBody { get; init; }

    /// <summary>How many nodes must hold a put or delete durably before it is acknowledged: its W, or its DW where nodes have buffers.</summary>
    public int Needed { get; init; }

    /// <summary>How many nodes had held an acknowledged put or delete durably when its client was told.</summary>
    public int DurableAt { get; set; }

    /// <summary>What an increment adds.</summary>
    public long Delta { get; init; }

    /// <summary>Whether it belongs to the end, when everything has healed.</summary>
    public bool AtTheEnd { get; init; }

    /// <summary>How often a node handed it to another one to coordinate.</summary>
    public int Forwards { get; set; }

    /// <summary>Whether it is a put, delete or increment that was acknowledged.</summary>
    public bool IsAcknowledgedWrite => Kind != OperationKind.Get && Outcome is Stored;

    /// <summary>The value that a put with this number writes.</summary>
    public static Value ValueOf(int id) => new()
    {
        Body = Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture)),
        ContentType = "text/plain",
    };

    /// <summary>The number of the put that wrote a value; 0 when no put can have.</summary>
    public static int IdOf(Value? value) =>
        value is not null && int.TryParse(value.Body.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Id} of {Key} by {Client}";
}
