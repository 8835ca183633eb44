namespace Dynamo.Core;

// Frames: what one node hands to the network at once.
//
//   1 byte   format version (2): of this head and of every message, request, outcome and record in the frame
//   text     the sending node
//   count    messages, 0..65536
//   message* tag and fields
//
// A frame is taken whole or not at all: a message may be lost, never half understood.
public static partial class WireCodec
{
    /// <summary>The format version that this node writes, and the only one that it reads.</summary>
    public const byte Version = 2;

    /// <summary>The most messages one frame holds.</summary>
    public const int MaxMessages = 65_536;

    // The fewest bytes of a message: its tag and a number.
    private const int MinMessageBytes = 2;

    /// <summary>Appends a frame: the sender and a batch of messages.</summary>
    /// <param name="to">Receives the frame; what is in it is undefined when this throws.</param>
    /// <param name="from">The sending node.</param>
    /// <param name="messages">At most <see cref="MaxMessages"/>, none of them node-local.</param>
    /// <exception cref="ArgumentException">There are too many messages, or one never leaves its node.</exception>
    public static void WriteFrame(WireWriter to, NodeId from, IReadOnlyList<Message> messages)
    {
        if (messages.Count > MaxMessages)
            throw new ArgumentException($"A frame holds at most {MaxMessages} messages.", nameof(messages));
        to.Byte(Version);
        to.Text(from.Name);
        to.Count(messages.Count);
        for (var i = 0; i < messages.Count; i++) Write(to, messages[i]);
    }

    /// <summary>Appends a frame out of messages that were written before, one after the other.</summary>
    /// <remarks>So a sender that gathers messages knows after each how large the frame will be, and encodes it once.</remarks>
    /// <param name="to">Receives the frame.</param>
    /// <param name="from">The sending node.</param>
    /// <param name="count">How many messages, at most <see cref="MaxMessages"/>.</param>
    /// <param name="messages">What <see cref="Write(WireWriter, Message)"/> wrote for them.</param>
    public static void WriteFrame(WireWriter to, NodeId from, int count, ReadOnlySpan<byte> messages)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxMessages);
        to.Byte(Version);
        to.Text(from.Name);
        to.Count(count);
        to.Raw(messages);
    }

    /// <summary>Reads a frame from the network; <paramref name="error"/> is one sentence when false.</summary>
    /// <param name="bytes">One whole frame; nothing in it is kept.</param>
    /// <param name="from">The node that says it sent it.</param>
    /// <param name="messages">The messages, in the order written; empty when false.</param>
    /// <param name="error">What is wrong with the frame.</param>
    public static bool TryReadFrame(
        ReadOnlySpan<byte> bytes, out NodeId from, out List<Message> messages, out string error)
    {
        messages = [];
        var reader = new WireReader(bytes);
        var version = reader.Byte();
        if (!reader.Failed && version != Version)
            reader.Fail($"The frame has format version {version}; this node reads version {Version}.");
        from = reader.Node();
        if (from.IsNone) reader.Fail("The frame names no sender.");
        var count = reader.Count(MaxMessages);
        if (reader.HasRoomFor(count, MinMessageBytes)) messages.Capacity = count;
        for (var i = 0; i < count && !reader.Failed; i++)
            if (Read(ref reader) is { } message) messages.Add(message);
        reader.End();
        error = reader.Error ?? "";
        if (error.Length == 0) return true;
        messages.Clear();
        return false;
    }
}
