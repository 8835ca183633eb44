using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Dynamo.Client;

/// <summary>The way to one other actor system, opened again when it has ended and somebody has something to say.</summary>
/// <param name="transport">Makes connections.</param>
/// <param name="to">The other system.</param>
internal sealed class Lane(SocketTransport transport, Address to) : IDisposable
{
    /// <summary>An end that has not said for so long that it reads is taken for gone: the kernel would go on trying for minutes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // Who refuses speaks no lanes, and would log each attempt.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1), RetryRefused = TimeSpan.FromMinutes(2), ForgetAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SaySoEvery = TimeSpan.FromMilliseconds(250);
    private readonly object _gate = new();
    private Connection? _connection;
    private long _nextTry, _lastWrite = Environment.TickCount64;
    private bool _isOpening, _isDisposed;

    // The head of the last message's frame: most messages go to the same actor.
    private byte[] _head = [];
    private IActorRef? _recipient, _sender;
    private string _manifest = "";

    /// <summary>Whether nothing was to be sent for so long that it is not worth keeping.</summary>
    public bool IsForgotten => Environment.TickCount64 - Volatile.Read(ref _lastWrite) > ForgetAfter.TotalMilliseconds;

    /// <summary>Sends a message; false when there is no way, and then it was not sent.</summary>
    public bool TryWrite(IActorRef recipient, ILaneMessage message, IActorRef sender)
    {
        lock (_gate)
        {
            var now = Environment.TickCount64;
            _lastWrite = now;
            if (_connection is not { } connection)
            {
                if (_isOpening || _isDisposed || now < _nextTry) return false;
                _isOpening = true;
                _ = Open();
                return false;
            }

            if (connection.AskedSince is { } since && now - since > Patience.TotalMilliseconds)
            {
                Drop(connection);
                return false;
            }

            // Whoever has bound it to something else keeps it on the association.
            if (transport.System.Serialization.FindSerializerFor(message) is not SerializerWithStringManifest serializer) return false;
            if (HeadFor(recipient, sender, serializer, serializer.Manifest(message)) is not { } head) return false;
            var asks = connection.AskedSince is null && now - connection.SaidSo >= SaySoEvery.TotalMilliseconds;
            head[0] = asks ? LaneFormat.SaySo : (byte)0;
            if (!connection.Sender.Write(head, serializer.ToBinary(message))) return false;
            if (asks) connection.AskedSince = now;
            return true;
        }
    }

    /// <summary>Ends it for good.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (_connection is { } connection) Drop(connection);
        }
    }

    private byte[]? HeadFor(IActorRef recipient, IActorRef sender, Serializer serializer, string manifest)
    {
        if (ReferenceEquals(recipient, _recipient) && ReferenceEquals(sender, _sender) && manifest == _manifest) return _head;
        var path = sender.IsNobody() ? "" : sender.Path.ToSerializationFormatWithAddress(transport.OwnAddress);
        if (LaneFormat.Head(new LaneRoute(serializer.Identifier, manifest, recipient.Path.ToSerializationFormat(), path)) is not { } head) return null;
        (_head, _recipient, _sender, _manifest) = (head, recipient, sender, manifest);
        return head;
    }

    private async Task Open()
    {
        Socket? socket = null;
        var retry = RetryAfter;
        try
        {
            socket = await transport.Connect(to).ConfigureAwait(false);
            using var limit = new CancellationTokenSource(Patience);
            await socket.SendAsync(LaneFormat.Greeting(to.ToString()), limit.Token).ConfigureAwait(false);
            var answer = new byte[LaneFormat.AnswerBytes];
            for (var got = 0; got < answer.Length;)
            {
                var read = await socket.ReceiveAsync(answer.AsMemory(got), limit.Token).ConfigureAwait(false);
                got = read > 0 ? got + read : throw new InvalidDataException("It knows no lanes.");
            }

            if (!answer.AsSpan().SequenceEqual(LaneFormat.Answer())) throw new InvalidDataException("It speaks another version.");
            Begin(socket);
            socket = null;
        }
        catch (Exception fault) when (fault is InvalidDataException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            retry = RetryRefused;
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody is there, for the time being.
        }
        finally
        {
            socket?.Dispose();
            lock (_gate)
            {
                _isOpening = false;
                if (_connection is null) _nextTry = Environment.TickCount64 + (long)retry.TotalMilliseconds;
            }
        }
    }

    private void Begin(Socket socket)
    {
        var connection = new Connection(this, socket, transport.MostPending);
        lock (_gate)
        {
            _connection = connection;
            if (_isDisposed) Drop(connection);
        }

        connection.Read();
    }

    private void End(Connection connection)
    {
        lock (_gate) Drop(connection);
    }

    // Within the gate.
    private void Drop(Connection connection)
    {
        connection.Dispose();
        if (!ReferenceEquals(_connection, connection)) return;
        _connection = null;
        _nextTry = Environment.TickCount64 + (long)RetryAfter.TotalMilliseconds;
    }

    private sealed class Connection : IDisposable
    {
        private readonly Lane _lane;
        private readonly Socket _socket;
        private readonly SocketAsyncEventArgs _in = new(true);

        public Connection(Lane lane, Socket socket, int mostPending)
        {
            (_lane, _socket) = (lane, socket);
            Sender = new FrameSender(socket, mostPending, _ => lane.End(this));
            _in.SetBuffer(new byte[16]);
            _in.Completed += (_, _) =>
            {
                if (HasRead()) Read();
            };
        }

        public FrameSender Sender { get; }

        /// <summary>Since when the other end has been asked to say that it reads; null when it has said so.</summary>
        public long? AskedSince { get; set; }

        /// <summary>When it last said so.</summary>
        public long SaidSo { get; private set; }

        /// <summary>Reads what the other end says, until the end.</summary>
        public void Read()
        {
            try
            {
                while (!_socket.ReceiveAsync(_in))
                    if (!HasRead()) return;
            }
            catch (ObjectDisposedException)
            {
                _lane.End(this);
            }
        }

        public void Dispose()
        {
            _socket.Dispose();
            Sender.Dispose();
            _in.Dispose();
        }

        private bool HasRead()
        {
            if (_in.SocketError != SocketError.Success || _in.BytesTransferred == 0)
            {
                _lane.End(this);
                return false;
            }

            lock (_lane._gate) (AskedSince, SaidSo) = (null, Environment.TickCount64);
            return true;
        }
    }
}
