using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>
/// Turns each message into the bytes that the wire would carry, and those back into the message that its receiver gets.
/// </summary>
/// <remarks>
/// So that no run depends on two nodes sharing an object, and a message that the codec cannot carry fails the run in which
/// it is sent. A field that the codec forgets arrives as its default, and checkers see what comes of it.
/// </remarks>
internal sealed class SimulatedWire
{
    private readonly WireWriter _writer = new();

    /// <summary>A message as it travels.</summary>
    /// <exception cref="InvalidOperationException">It has no wire form.</exception>
    public byte[] Encode(Message message)
    {
        _writer.Clear();
        try
        {
            WireCodec.Write(_writer, message);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidOperationException($"A {message.GetType().Name} cannot be sent: {fault.Message}", fault);
        }

        return _writer.ToArray();
    }

    /// <summary>What arrives: a message that shares nothing with the one sent.</summary>
    /// <exception cref="InvalidOperationException">The bytes are not one message, to the last.</exception>
    public static Message Decode(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var message = WireCodec.Read(ref reader);
        reader.End();
        return reader.Failed || message is null
            ? throw new InvalidOperationException($"A message did not survive the wire: {reader.Error}")
            : message;
    }
}
