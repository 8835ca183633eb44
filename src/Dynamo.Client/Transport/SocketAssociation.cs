using System.Net.Sockets;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Dynamo.Client;

/// <summary>One connection of <see cref="SocketTransport"/>.</summary>
/// <remarks>
/// A frame leaves on the thread that writes it (<see cref="FrameSender"/>). Only when too much waits does <see cref="Write"/> return false, and
/// Akka waits.
/// </remarks>
internal sealed class SocketAssociation : AssociationHandle, IDisposable
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private readonly SocketTransport _transport;
    private readonly Socket _socket;
    private readonly FrameReader _frames;
    private readonly FrameSender _sender;
    private readonly SocketAsyncEventArgs _in = new(true);
    private readonly Action _tell;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private IHandleEventListener? _listener;
    private bool _isClosed;

    public SocketAssociation(
        SocketTransport transport, Socket socket, Address local, Address remote, int mostFrameBytes, int mostPending,
        ReadOnlySpan<byte> first = default)
        : base(local, remote)
    {
        _transport = transport;
        _socket = socket;
        _frames = new FrameReader(mostFrameBytes);
        first.CopyTo(_frames.Room().Span);
        _frames.Advance(first.Length);
        _sender = new FrameSender(socket, mostPending, End);
        _tell = Tell;
        _in.Completed += (_, _) => GoOnReading();
    }

    /// <summary>Reads as soon as somebody listens.</summary>
    public void Begin() => ReadHandlerSource.Task.ContinueWith(
        static (listener, self) => ((SocketAssociation)self!).Begin(listener.Result),
        this, default, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <inheritdoc/>
    public override bool Write(ByteString payload) => _sender.Write(default, payload.Span);

    /// <summary>Closes the connection when what was written has left, or in a few seconds.</summary>
    public Task Close()
    {
        _sender.Finish();
        if (!_closed.Task.IsCompleted)
            Task.Delay(ClosePatience).ContinueWith(_ => End(DisassociateInfo.Unknown), TaskScheduler.Default);
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

    private void End(DisassociateInfo why)
    {
        IHandleEventListener? listener;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            listener = _listener;
        }

        _transport.Forget(this);
        _sender.Dispose();
        _socket.Dispose();
        _in.Dispose();
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
