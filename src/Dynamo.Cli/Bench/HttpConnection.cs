using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynamo.Cli.Bench;

/// <summary>One connection to a node, kept open, on a bare socket: a client that weighs little beside what it measures.</summary>
/// <remarks>
/// It understands what a node of this product answers: a status, headers, a body with its length. A connection that broke is
/// made anew for the next operation.
/// </remarks>
internal sealed class HttpConnection(HttpTarget target, EndPoint to, string head) : IBenchConnection
{
    private readonly byte[] _putTail = target.Value;
    private byte[] _out = new byte[1024 + target.Value.Length];
    private byte[] _in = new byte[16 * 1024];
    private byte[] _context = [];
    private Socket? _socket;
    private long _began;
    private volatile bool _gaveUp;

    /// <inheritdoc/>
    public ValueTask<Ending> Get(long key)
    {
        var length = Write(0, $"GET /buckets/{target.Bucket}/keys/{key:d10} HTTP/1.1\r\n{head}Accept: */*\r\n\r\n");
        return Exchange(length, keepContext: true);
    }

    /// <inheritdoc/>
    public ValueTask<Ending> Put(long key, bool asRead)
    {
        if (!asRead) _context = [];
        var need = 1024 + _context.Length + _putTail.Length;
        if (_out.Length < need) _out = new byte[need];
        var length = Write(0, $"PUT /buckets/{target.Bucket}/keys/{key:d10} HTTP/1.1\r\n{head}");
        if (_context.Length > 0)
        {
            length = Write(length, "X-Riak-Vclock: ");
            _context.CopyTo(_out, length);
            length = Write(length + _context.Length, "\r\n");
        }

        length = Write(length, $"Content-Type: application/octet-stream\r\nContent-Length: {_putTail.Length}\r\n\r\n");
        _putTail.CopyTo(_out, length);
        return Exchange(length + _putTail.Length, keepContext: false);
    }

    /// <inheritdoc/>
    public void GiveUp(long before)
    {
        var began = Volatile.Read(ref _began);
        if (began == 0 || began > before) return;
        _gaveUp = true;
        _socket?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private int Write(int at, string text) => at + Encoding.ASCII.GetBytes(text, 0, text.Length, _out, at);

    private async ValueTask<Ending> Exchange(int length, bool keepContext)
    {
        _gaveUp = false;
        Volatile.Write(ref _began, Stopwatch.GetTimestamp());
        try
        {
            var socket = _socket ??= await Open();
            for (var sent = 0; sent < length;) sent += await socket.SendAsync(_out.AsMemory(sent, length - sent));
            return await Receive(socket, keepContext);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or IOException)
        {
            Close();
            return _gaveUp ? Ending.TimedOut : Ending.Failed;
        }
        finally
        {
            Volatile.Write(ref _began, 0);
        }
    }

    private async Task<Socket> Open()
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket = socket;
        await socket.ConnectAsync(to);
        return socket;
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async ValueTask<Ending> Receive(Socket socket, bool keepContext)
    {
        var (filled, end) = (0, -1);
        while (end < 0)
        {
            if (filled == _in.Length) Array.Resize(ref _in, _in.Length * 2);
            var read = await socket.ReceiveAsync(_in.AsMemory(filled));
            if (read == 0) throw new IOException("The node closed the connection.");
            filled += read;
            end = _in.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        }

        var answer = ReadHead(_in.AsSpan(0, end + 2));
        if (keepContext) _context = answer.Context.Equals(default(Range)) ? [] : _in[answer.Context];
        // The body is of no interest beyond its being there.
        for (var rest = answer.Length - (filled - end - 4); rest > 0;)
        {
            var read = await socket.ReceiveAsync(_in.AsMemory(0, (int)Math.Min(rest, _in.Length)));
            if (read == 0) throw new IOException("The node closed the connection.");
            rest -= read;
        }

        if (answer.MustClose) Close();
        return answer.Ending;
    }

    private static Head ReadHead(ReadOnlySpan<byte> head)
    {
        var answer = new Head(EndingOf(head));
        var at = head.IndexOf("\r\n"u8) + 2;
        while (at < head.Length)
        {
            var line = head[at..];
            line = line[..line.IndexOf("\r\n"u8)];
            var colon = line.IndexOf((byte)':');
            if (colon < 0) throw new IOException("The node answered with a header that is none.");
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (Ascii.EqualsIgnoreCase(name, "Content-Length"u8))
                answer.Length = long.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
            else if (Ascii.EqualsIgnoreCase(name, "X-Riak-Vclock"u8))
                answer.Context = (at + line.Length - value.Length)..(at + line.Length);
            else if (Ascii.EqualsIgnoreCase(name, "Connection"u8) && Ascii.EqualsIgnoreCase(value, "close"u8))
                answer.MustClose = true;
            else if (answer.Ending == Ending.Unavailable && Ascii.EqualsIgnoreCase(name, "Retry-After"u8))
                answer.Ending = Ending.Refused;
            else if (Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
                throw new IOException("The node answered in chunks, which no answer about one key is.");
            at += line.Length + 2;
        }

        return answer;
    }

    private static Ending EndingOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12) return Ending.Failed;
        return head[9..12] switch
        {
            [(byte)'2', _, _] or [(byte)'3', (byte)'0', (byte)'0'] => Ending.Ok,
            [(byte)'4', (byte)'0', (byte)'4'] => Ending.NotFound,
            [(byte)'5', (byte)'0', (byte)'3'] => Ending.Unavailable,
            _ => Ending.Failed,
        };
    }

    // What an answer's head says. Context is where in it the context stands.
    private record struct Head(Ending Ending)
    {
        public long Length { get; set; }

        public Range Context { get; set; }

        public bool MustClose { get; set; }
    }
}
