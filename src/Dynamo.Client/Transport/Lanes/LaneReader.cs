using System.Net.Sockets;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch;

namespace Dynamo.Client;

/// <summary>The end of a lane: a thread of its own that tells actors of this system what has come.</summary>
/// <remarks>A blocking read wakes one thread for a frame; the pool's would be woken by another one that polls.</remarks>
internal sealed class LaneReader
{
    private static readonly TimeSpan TakeAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_said = [1];
    private readonly SocketTransport _transport;
    private readonly Socket _socket;
    private readonly FrameReader _frames;
    private readonly Action _tell;
    private byte[] _lastRoute = [];
    private long _taken;
    private LaneRoute _route;
    private IActorRef _recipient = ActorRefs.Nobody, _sender = ActorRefs.NoSender;

    public LaneReader(SocketTransport transport, Socket socket, int mostFrameBytes)
    {
        (_transport, _socket) = (transport, socket);
        _frames = new FrameReader(mostFrameBytes);
        _tell = Tell;
    }

    /// <summary>Reads until the end, on the calling thread.</summary>
    public void Run()
    {
        try
        {
            while (true)
            {
                var read = _socket.Receive(_frames.Room().Span);
                if (read == 0) return;
                _frames.Advance(read);
                _transport.Deliver(_tell);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidDataException or RejectedExecutionException)
        {
            // The other end is gone, or speaks something else, or this system has ended: what was lost is as if it never came.
        }
    }

    private void Tell()
    {
        while (_frames.TryRead(out var frame))
        {
            LaneFormat.Split(frame, out var flags, out var route, out var message);
            if ((flags & LaneFormat.SaySo) != 0) _socket.Send(s_said);
            // An actor may have ended, and another one taken its name.
            if (!route.SequenceEqual(_lastRoute) || Environment.TickCount64 - _taken > TakeAgainAfter.TotalMilliseconds) Take(route);
            if (_recipient.IsNobody() || Read(message) is not ILaneMessage read) continue;
            _recipient.Tell(read, _sender);
        }
    }

    private void Take(ReadOnlySpan<byte> route)
    {
        _route = LaneFormat.ReadRoute(route);
        _lastRoute = route.ToArray();
        _taken = Environment.TickCount64;
        // By a path that is no text: Akka remembers what a text has led to, also when that has ended (LruBoundedCache).
        var provider = ((ExtendedActorSystem)_transport.System).Provider;
        var recipient = Resolve(provider, _route.Recipient);
        // Nothing is passed on to a third system.
        _recipient = recipient is IActorRefScope { IsLocal: true } ? recipient : ActorRefs.Nobody;
        _sender = _route.Sender.Length == 0 ? ActorRefs.NoSender : Resolve(provider, _route.Sender);
    }

    private static IActorRef Resolve(IActorRefProvider provider, string path) =>
        ActorPath.TryParse(path, out var parsed) ? provider.ResolveActorRef(parsed) : throw new InvalidDataException("An actor on a lane has no path.");

    private object? Read(ReadOnlySpan<byte> message)
    {
        try
        {
            return _transport.System.Serialization.Deserialize(message.ToArray(), _route.Serializer, _route.Manifest);
        }
        catch (SerializationException fault)
        {
            throw new InvalidDataException("A message on a lane cannot be read.", fault);
        }
    }
}
