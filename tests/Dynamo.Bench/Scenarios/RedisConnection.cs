using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Dynamo.Cli.Bench;

namespace Dynamo.Bench.Scenarios;

/// <summary>One connection that speaks RESP: many requests under way on it, written together as answers come together.</summary>
internal sealed class RedisConnection : IDisposable
{
    private const int Keys = 10_000, ValueBytes = 100;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Random _random = new(1);
    private readonly byte[] _value = new byte[ValueBytes];
    private readonly MemoryStream _out = new();
    private readonly Queue<(long Began, bool IsPut)> _underWay = [];
    private byte[] _in = new byte[64 << 10];
    private int _length;

    public RedisConnection(string host, int port)
    {
        _socket.Connect(host, port);
        // Letters only, for a value is written between line ends.
        for (var i = 0; i < ValueBytes; i++) _value[i] = (byte)('a' + _random.Next(26));
    }

    /// <summary>Writes each key once.</summary>
    public void Load()
    {
        for (var key = 0; key < Keys; key++)
        {
            Ask(key, isPut: true);
            if (_underWay.Count < 256 && key < Keys - 1) continue;
            Send();
            while (_underWay.Count > 0) Receive(static (_, _, _) => { });
        }
    }

    /// <summary>Half gets, half sets, so many under way, for a time; how long they took, and how many were refused.</summary>
    public (LatencyHistogram Gets, LatencyHistogram Puts, long Failed) Run(int underWay, TimeSpan time)
    {
        var (gets, puts, failed) = (new LatencyHistogram(), new LatencyHistogram(), 0L);
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            while (_underWay.Count < underWay && Stopwatch.GetTimestamp() < end) Ask(_random.Next(Keys), _random.Next(2) == 0);
            if (_underWay.Count == 0) return (gets, puts, failed);
            Send();
            Receive((began, isPut, hasFailed) =>
            {
                if (hasFailed) failed++;
                else (isPut ? puts : gets).Record(Stopwatch.GetElapsedTime(began));
            });
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _out.Dispose();
    }

    private void Ask(int key, bool isPut)
    {
        var name = $"k{key}";
        _out.Write(Encoding.ASCII.GetBytes($"*{(isPut ? 3 : 2)}\r\n$3\r\n{(isPut ? "SET" : "GET")}\r\n${name.Length}\r\n{name}\r\n"));
        if (isPut)
        {
            _out.Write(Encoding.ASCII.GetBytes($"${ValueBytes}\r\n"));
            _out.Write(_value);
            _out.Write("\r\n"u8);
        }

        _underWay.Enqueue((Stopwatch.GetTimestamp(), isPut));
    }

    private void Send()
    {
        for (var sent = 0; sent < _out.Length;) sent += _socket.Send(_out.GetBuffer().AsSpan(sent, (int)_out.Length - sent));
        _out.SetLength(0);
    }

    private void Receive(Action<long, bool, bool> ended)
    {
        if (_length == _in.Length) Array.Resize(ref _in, _in.Length * 2);
        var read = _socket.Receive(_in.AsSpan(_length));
        if (read == 0) throw new BenchException("redis-server has closed the connection.");
        _length += read;
        var at = 0;
        while (RespAnswer.TryRead(_in.AsSpan(at, _length - at), out var length, out var isError))
        {
            at += length;
            var (began, isPut) = _underWay.Dequeue();
            ended(began, isPut, isError);
        }

        _in.AsSpan(at, _length - at).CopyTo(_in);
        _length -= at;
    }
}

/// <summary>An answer in RESP, as far as gets and sets are answered: +OK, -ERR ..., $-1, or $length and that many bytes.</summary>
internal static class RespAnswer
{
    /// <summary>Finds the first whole answer.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="length">The answer's bytes.</param>
    /// <param name="isError">Whether it says no.</param>
    /// <returns>Whether there is a whole one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int length, out bool isError)
    {
        (length, isError) = (0, false);
        var line = bytes.IndexOf("\r\n"u8);
        if (line < 0) return false;
        isError = bytes[0] == '-';
        length = line + 2;
        if (bytes[0] != '$') return true;
        var size = int.Parse(bytes[1..line], provider: System.Globalization.CultureInfo.InvariantCulture);
        if (size >= 0) length += size + 2;
        return length <= bytes.Length;
    }
}
