using System.Collections.Concurrent;
using Akka.Actor;

namespace Dynamo.Client;

/// <summary>Ways between actor systems beside Akka.Remote's associations, for the few messages that are most of the traffic.</summary>
/// <remarks>
/// <code>
///   Tell -. association:  EndpointManager, ReliableDeliverySupervisor, EndpointWriter | ProtocolStateActor, EndpointReader -. recipient
///        '- lane:         the thread that tells                                       | the thread that has read          -'
/// </code>
/// A message on a lane is written to a socket by the thread that sends it, and told to its recipient by the one that a blocking read has woken: a
/// thread is woken once, where an association wakes two and goes through five actors. A lane leads to another system's
/// <see cref="SocketTransport"/>, at the port that Akka.Remote listens on, and one way only. As long as there is none, or it is full, or the other end does
/// not say that it reads, everything goes over the association as it would anyway. Promises are those of <c>Tell</c> to a remote actor but for one:
/// messages may overtake each other where a lane begins or ends. There are none with TLS, since that transport has none, nor with
/// <c>applied-adapters</c>, since the multi-node test kit's cut links would not hold there, nor with
/// <c>akka.remote.dot-netty.tcp.lanes = off</c>.
/// </remarks>
public sealed class Lanes : IExtension
{
    private readonly ConcurrentDictionary<Address, Lane> _lanes = new();
    private volatile SocketTransport? _transport;
    private long _sent;

    /// <summary>Messages that have left on lanes.</summary>
    internal long Sent => Volatile.Read(ref _sent);

    /// <summary>Those of an actor system.</summary>
    public static Lanes Of(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<Lanes, LanesProvider>();
    }

    /// <summary>Tells an actor of another system something, on a lane when there is one.</summary>
    public void Tell(IActorRef to, ILaneMessage message, IActorRef sender)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (_transport is { } transport && to.Path.Address is { Port: not null } address && LaneTo(transport, address).TryWrite(to, message, sender))
            Interlocked.Increment(ref _sent);
        else
            to.Tell(message, sender);
    }

    /// <summary>From now on there are lanes.</summary>
    internal void Open(SocketTransport transport) => _transport = transport;

    /// <summary>From now on there are none.</summary>
    internal void Close()
    {
        _transport = null;
        foreach (var (_, lane) in _lanes) lane.Dispose();
        _lanes.Clear();
    }

    private Lane LaneTo(SocketTransport transport, Address address)
    {
        if (_lanes.TryGetValue(address, out var lane)) return lane;
        // Clients come and go, each at an address of its own.
        foreach (var (old, gone) in _lanes)
            if (gone.IsForgotten && _lanes.TryRemove(old, out _)) gone.Dispose();
        return _lanes.GetOrAdd(address, static (to, by) => new Lane(by, to), transport);
    }
}

/// <summary>Makes <see cref="Lanes"/>, once a system.</summary>
public sealed class LanesProvider : ExtensionIdProvider<Lanes>
{
    /// <inheritdoc/>
    public override Lanes CreateExtension(ExtendedActorSystem system) => new();
}
