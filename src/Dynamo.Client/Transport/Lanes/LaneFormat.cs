using System.Buffers.Binary;
using System.Text;

namespace Dynamo.Client;

/// <summary>What travels on a lane.</summary>
/// <remarks>
/// <code>
///   from whoever opens it:  "DYNL" | version, 1 byte | length, 2 bytes | the address that it means to have reached, UTF-8
///   in answer:              "DYNL" | version
///   then frames:            length, 4 bytes | flags, 1 byte | length of the route, 2 bytes | route | the message's bytes
///   for a flag "say so":    one byte of any value
///
///   route:  serializer, 4 bytes | manifest | recipient | sender, each with 2 bytes of length, UTF-8
/// </code>
/// Numbers are little-endian. Read as the length of a frame of Akka's, "DYNL" is longer than any may be, so an end that knows no lanes closes the connection.
/// </remarks>
internal static class LaneFormat
{
    public const byte Version = 1;
    public const int GreetingBytes = 7, AnswerBytes = 5, FrameHeadBytes = 3;

    /// <summary>The flag of a frame whose reading the other end is to acknowledge.</summary>
    public const byte SaySo = 1;

    private const int MostTextBytes = 1000;

    public static ReadOnlySpan<byte> Mark => "DYNL"u8;

    /// <summary>The answer to a greeting.</summary>
    public static byte[] Answer() => [.. Mark, Version];

    /// <summary>The greeting of whoever wants to reach an address.</summary>
    public static byte[] Greeting(string address)
    {
        var text = Encoding.UTF8.GetBytes(address);
        var greeting = new byte[GreetingBytes + text.Length];
        Mark.CopyTo(greeting);
        greeting[Mark.Length] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(greeting.AsSpan(Mark.Length + 1), (ushort)text.Length);
        text.CopyTo(greeting, GreetingBytes);
        return greeting;
    }

    /// <summary>The length of the address that follows the first <see cref="GreetingBytes"/> of a greeting; null when they are none.</summary>
    public static int? AddressBytes(ReadOnlySpan<byte> greeting)
    {
        if (!greeting.StartsWith(Mark) || greeting[Mark.Length] != Version) return null;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(greeting[(Mark.Length + 1)..]);
        return length is > 0 and <= MostTextBytes ? length : null;
    }

    /// <summary>A frame's flags, none of which is set, and route, to be written before the message; null when a text is too long.</summary>
    public static byte[]? Head(LaneRoute route)
    {
        byte[][] texts = [Encoding.UTF8.GetBytes(route.Manifest), Encoding.UTF8.GetBytes(route.Recipient), Encoding.UTF8.GetBytes(route.Sender)];
        if (texts.Any(static text => text.Length > MostTextBytes)) return null;
        var length = sizeof(int) + texts.Sum(static text => sizeof(ushort) + text.Length);
        var head = new byte[FrameHeadBytes + length];
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(1), (ushort)length);
        var at = head.AsSpan(FrameHeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(at, route.Serializer);
        at = at[sizeof(int)..];
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)text.Length);
            text.CopyTo(at[sizeof(ushort)..]);
            at = at[(sizeof(ushort) + text.Length)..];
        }

        return head;
    }

    /// <summary>Takes a frame apart.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static void Split(ReadOnlySpan<byte> frame, out byte flags, out ReadOnlySpan<byte> route, out ReadOnlySpan<byte> message)
    {
        if (frame.Length < FrameHeadBytes) throw Nonsense();
        flags = frame[0];
        int length = BinaryPrimitives.ReadUInt16LittleEndian(frame[1..]);
        if (frame.Length < FrameHeadBytes + length) throw Nonsense();
        route = frame.Slice(FrameHeadBytes, length);
        message = frame[(FrameHeadBytes + length)..];
    }

    /// <summary>Reads a route.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static LaneRoute ReadRoute(ReadOnlySpan<byte> route)
    {
        if (route.Length < sizeof(int)) throw Nonsense();
        var serializer = BinaryPrimitives.ReadInt32LittleEndian(route);
        route = route[sizeof(int)..];
        var read = new LaneRoute(serializer, Text(ref route), Text(ref route), Text(ref route));
        return route.IsEmpty ? read : throw Nonsense();
    }

    private static string Text(ref ReadOnlySpan<byte> from)
    {
        if (from.Length < sizeof(ushort)) throw Nonsense();
        int length = BinaryPrimitives.ReadUInt16LittleEndian(from);
        if (length > MostTextBytes || from.Length < sizeof(ushort) + length) throw Nonsense();
        var text = Encoding.UTF8.GetString(from.Slice(sizeof(ushort), length));
        from = from[(sizeof(ushort) + length)..];
        return text;
    }

    private static InvalidDataException Nonsense() => new("What has come on a lane is no frame of a lane.");
}

/// <summary>How a message is read and whom it is for.</summary>
/// <param name="Serializer">The number that Akka knows its serializer by.</param>
/// <param name="Manifest">What that calls the message's class.</param>
/// <param name="Recipient">The recipient's whole path.</param>
/// <param name="Sender">The sender's, "" for none.</param>
internal readonly record struct LaneRoute(int Serializer, string Manifest, string Recipient, string Sender);
