using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Akka.Remote.Transport;

namespace Dynamo.Client;

/// <summary>Sends frames over a socket: each on the thread that writes it, as long as the kernel takes it.</summary>
/// <remarks>What the kernel does not take waits, and goes with everything that came to wait beside it.</remarks>
internal sealed class FrameSender : IDisposable
{
    private const int MostKeptBytes = 1024 * 1024;
    private readonly Socket _socket;
    private readonly int _mostPending;
    private readonly Action<DisassociateInfo> _ended;
    private readonly SocketAsyncEventArgs _out = new(true);
    private readonly object _gate = new();
    private ArrayBufferWriter<byte> _waiting = new();
    private ArrayBufferWriter<byte> _leaving = new();
    private bool _isSending, _isClosing, _isDisposed;

    /// <summary>A sender that has sent nothing yet.</summary>
    /// <param name="socket">The connection, which is not its own to close.</param>
    /// <param name="mostPending">Bytes that may wait before <see cref="Write"/> refuses.</param>
    /// <param name="ended">Called when nothing more can leave, or, after <see cref="Finish"/>, need leave.</param>
    public FrameSender(Socket socket, int mostPending, Action<DisassociateInfo> ended)
    {
        (_socket, _mostPending, _ended) = (socket, mostPending, ended);
        _out.Completed += (_, _) => GoOn();
    }

    /// <summary>Sends a frame whose payload is in two parts; false, and nothing done, when too much waits or it is closed.</summary>
    public bool Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        lock (_gate)
        {
            if (_isClosing || _waiting.WrittenCount > _mostPending) return false;
            var length = first.Length + second.Length;
            var to = _waiting.GetSpan(FrameReader.HeadBytes + length);
            BinaryPrimitives.WriteInt32LittleEndian(to, length);
            first.CopyTo(to[FrameReader.HeadBytes..]);
            second.CopyTo(to[(FrameReader.HeadBytes + first.Length)..]);
            _waiting.Advance(FrameReader.HeadBytes + length);
            if (_isSending) return true;
            _isSending = true;
        }

        Send();
        return true;
    }

    /// <summary>Takes nothing more, and ends when what was written has left.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_isClosing) return;
            _isClosing = true;
            if (_isSending) return;
        }

        _ended(DisassociateInfo.Unknown);
    }

    /// <summary>Takes and sends nothing more.</summary>
    public void Dispose()
    {
        lock (_gate) _isDisposed = _isClosing = true;
        _out.Dispose();
    }

    // Called by whoever has set _isSending; goes on until nothing waits or the kernel takes no more.
    private void Send()
    {
        try
        {
            while (TakeWaiting())
                if (_socket.SendAsync(_out) || !HasSent()) return;
        }
        catch (ObjectDisposedException)
        {
            _ended(DisassociateInfo.Unknown);
        }
    }

    private bool TakeWaiting()
    {
        lock (_gate)
        {
            if (_leaving.Capacity <= MostKeptBytes) _leaving.ResetWrittenCount();
            else _leaving = new ArrayBufferWriter<byte>();
            if (_waiting.WrittenCount > 0 && !_isDisposed)
            {
                (_waiting, _leaving) = (_leaving, _waiting);
                _out.SetBuffer(MemoryMarshal.AsMemory(_leaving.WrittenMemory));
                return true;
            }

            _isSending = false;
            if (!_isClosing) return false;
        }

        _ended(DisassociateInfo.Unknown);
        return false;
    }

    private void GoOn()
    {
        if (HasSent()) Send();
    }

    // TCP's sending ends when all is sent, or with an error.
    private bool HasSent()
    {
        if (_out.SocketError == SocketError.Success && _out.BytesTransferred == _leaving.WrittenCount) return true;
        _ended(DisassociateInfo.Shutdown);
        return false;
    }
}
