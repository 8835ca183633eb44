using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Dynamo.Client;

/// <summary>One connection of <see cref="SocketTransport"/>.</summary>
/// <remarks>
/// A frame leaves on the thread that writes it, as long as the kernel takes it; what it does not take waits, and goes with everything
/// that came to wait beside it. Only when that is too much does <see cref="Write"/> return false, and Akka waits.
/// </remarks>
internal sealed class SocketAssociation : AssociationHandle, IDisposable
{
    private const int MostKeptBytes = 1024 * 1024;
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private readonly SocketTransport _transport;
    private readonly Socket _socket;
    private readonly int _mostPending;
    private readonly FrameReader _frames;
    private readonly SocketAsyncEventArgs _in = new(true);
    private readonly SocketAsyncEventArgs _out = new(true);
    private readonly Action _tell;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private ArrayBufferWriter<byte> _waiting = new();
    private ArrayBufferWriter<byte> _leaving = new();
    private IHandleEventListener? _listener;
    private bool _isSending, _isClosing, _isClosed;

    public SocketAssociation(
        SocketTransport transport, Socket socket, Address local, Address remote, int mostFrameBytes, int mostPending)
        : base(local, remote)
    {
        _transport = transport;
        _socket = socket;
        _mostPending = mostPending;
        _frames = new FrameReader(mostFrameBytes);
        _tell = Tell;
        _in.Completed += (_, _) => GoOnReading();
        _out.Completed += (_, _) => GoOnSending();
    }

    /// <summary>Reads as soon as somebody listens.</summary>
    public void Begin() => ReadHandlerSource.Task.ContinueWith(
        static (listener, self) => ((SocketAssociation)self!).Begin(listener.Result),
        this, default, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <inheritdoc/>
    public override bool Write(ByteString payload)
    {
        lock (_gate)
        {
            if (_isClosing || _waiting.WrittenCount > _mostPending) return false;
            var to = _waiting.GetSpan(FrameReader.HeadBytes + payload.Length);
            BinaryPrimitives.WriteInt32LittleEndian(to, payload.Length);
            payload.Span.CopyTo(to[FrameReader.HeadBytes..]);
            _waiting.Advance(FrameReader.HeadBytes + payload.Length);
            if (_isSending) return true;
            _isSending = true;
        }

        Send();
        return true;
    }

    /// <summary>Closes the connection when what was written has left, or in a few seconds.</summary>
    public Task Close()
    {
        lock (_gate)
        {
            if (_isClosing) return _closed.Task;
            _isClosing = true;
            if (_isSending)
            {
                Task.Delay(ClosePatience).ContinueWith(_ => End(DisassociateInfo.Unknown), TaskScheduler.Default);
                return _closed.Task;
            }
        }

        End(DisassociateInfo.Unknown);
        return _closed.Task;
    }

    /// <inheritdoc/>
    [Obsolete("Akka.NET calls it; what is asked for here is Close.")]
    public override void Disassociate() => Close();

    /// <summary>Closes the connection at once.</summary>
    public void Dispose() => End(DisassociateInfo.Unknown);

    private void Begin(IHandleEventListener listener)
    {
        bool isClosed;
        lock (_gate)
        {
            _listener = listener;
            isClosed = _isClosed;
        }

        if (isClosed) Tell(listener, DisassociateInfo.Unknown);
        else Read();
    }

    private void Read()
    {
        try
        {
            do _in.SetBuffer(_frames.Room());
            while (!_socket.ReceiveAsync(_in) && Take());
        }
        catch (Exception fault) when (fault is ObjectDisposedException or InvalidDataException)
        {
            End(DisassociateInfo.Unknown);
        }
    }

    private void GoOnReading()
    {
        if (Take()) Read();
    }

    // False when nothing more will come.
    private bool Take()
    {
        if (_in.SocketError != SocketError.Success || _in.BytesTransferred == 0)
        {
            End(_in.SocketError is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.OperationAborted
                ? DisassociateInfo.Shutdown : DisassociateInfo.Unknown);
            return false;
        }

        _frames.Advance(_in.BytesTransferred);
        try
        {
            _transport.Deliver(_tell);
            return true;
        }
        catch (Exception fault) when (fault is InvalidDataException or RejectedExecutionException)
        {
            // Something else than Akka speaks there, or this system has ended.
            End(DisassociateInfo.Unknown);
            return false;
        }
    }

    private void Tell()
    {
        while (_frames.TryRead(out var payload))
            if (payload.Length > 0) _listener!.Notify(new InboundPayload(ByteString.CopyFrom(payload)));
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
            End(DisassociateInfo.Unknown);
        }
    }

    private bool TakeWaiting()
    {
        lock (_gate)
        {
            if (_leaving.Capacity <= MostKeptBytes) _leaving.ResetWrittenCount();
            else _leaving = new ArrayBufferWriter<byte>();
            if (_waiting.WrittenCount > 0 && !_isClosed)
            {
                (_waiting, _leaving) = (_leaving, _waiting);
                _out.SetBuffer(MemoryMarshal.AsMemory(_leaving.WrittenMemory));
                return true;
            }

            _isSending = false;
            if (!_isClosing) return false;
        }

        End(DisassociateInfo.Unknown);
        return false;
    }

    private void GoOnSending()
    {
        if (HasSent()) Send();
    }

    // TCP's sending ends when all is sent, or with an error.
    private bool HasSent()
    {
        if (_out.SocketError == SocketError.Success && _out.BytesTransferred == _leaving.WrittenCount) return true;
        End(DisassociateInfo.Shutdown);
        return false;
    }

    private void End(DisassociateInfo why)
    {
        IHandleEventListener? listener;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = _isClosing = true;
            listener = _listener;
        }

        _transport.Forget(this);
        _socket.Dispose();
        _in.Dispose();
        _out.Dispose();
        _closed.TrySetResult();
        if (listener is not null) Tell(listener, why);
    }

    private static void Tell(IHandleEventListener listener, DisassociateInfo why)
    {
        try
        {
            listener.Notify(new Disassociated(why));
        }
        catch (RejectedExecutionException)
        {
            // The system has ended, and nobody is left to be told.
        }
    }
}
