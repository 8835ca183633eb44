using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace Dynamo.Client.Tests;

/// <summary>Lanes between actor systems, and what they refuse.</summary>
public sealed class LaneTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(static s => s.Terminate()));

    [Fact]
    public async Task What_may_go_by_lane_does_once_there_is_one_in_order_and_with_its_sender()
    {
        var (first, second) = (System(), System());
        var (listener, heard) = Listener(second, "listener");
        var (asker, answers) = Listener(first, "asker");
        var remote = await Remote(first, listener);
        await UntilLane(first, remote, heard);
        var sent = Lanes.Of(first).Sent;
        const int count = 5_000;
        for (var i = 0; i < count; i++) Lanes.Of(first).Tell(remote, new ClientRequests(BitConverter.GetBytes(i)), asker);
        for (var i = 0; i < count; i++)
        {
            var (message, sender) = await Next(heard);
            Assert.Equal(i, BitConverter.ToInt32(Assert.IsType<ClientRequests>(message).Bytes.Span));
            Assert.Equal(asker.Path.Uid, sender.Path.Uid);
            Assert.Equal(AddressOf(first), sender.Path.Address);
            Lanes.Of(second).Tell(sender, new ClientReplies(new byte[] { 7 }), listener);
        }

        Assert.Equal(count, Lanes.Of(first).Sent - sent);
        for (var i = 0; i < count; i++) Assert.IsType<ClientReplies>((await Next(answers)).Message);
        await UntilLane(second, await Remote(second, asker), answers);
    }

    [Theory]
    [InlineData("", "akka.remote.dot-netty.tcp.transport-class = \"" + ClientProtocol.AkkaTransport + "\"")]
    [InlineData("akka.remote.dot-netty.tcp.transport-class = \"" + ClientProtocol.AkkaTransport + "\"", "")]
    [InlineData("", "akka.remote.dot-netty.tcp.lanes = off")]
    [InlineData("akka.remote.dot-netty.tcp.lanes = off", "")]
    [InlineData("akka.remote.dot-netty.tcp.applied-adapters = [\"trttl\"]", "akka.remote.dot-netty.tcp.applied-adapters = [\"trttl\"]")]
    public async Task Where_there_is_none_everything_goes_over_the_association(string here, string there)
    {
        var (first, second) = (System(here), System(there));
        var (listener, heard) = Listener(second, "listener");
        var remote = await Remote(first, listener);
        for (var i = 0; i < 200; i++)
        {
            Lanes.Of(first).Tell(remote, new ClientRequests(BitConverter.GetBytes(i)), ActorRefs.NoSender);
            Assert.Equal(i, BitConverter.ToInt32(((ClientRequests)(await Next(heard)).Message).Bytes.Span));
        }

        Assert.Equal(0, Lanes.Of(first).Sent);
    }

    [Fact]
    public async Task A_system_that_is_started_again_is_reached_again()
    {
        var (first, second) = (System(), System());
        var address = AddressOf(second);
        var (listener, heard) = Listener(second, "listener");
        var remote = ((ExtendedActorSystem)first).Provider.ResolveActorRef($"{address}/user/listener");
        await UntilLane(first, remote, heard);
        await second.Terminate();
        var third = System($"akka.remote.dot-netty.tcp.port = {address.Port}\nakka.remote.retry-gate-closed-for = 100ms");
        Assert.Equal(address, AddressOf(third));
        var (_, heardAgain) = Listener(third, "listener");
        await UntilLane(first, remote, heardAgain);
        Assert.NotNull(listener);
    }

    [Fact]
    public async Task An_actor_that_takes_the_name_of_one_that_has_ended_is_told()
    {
        var (first, second) = (System(), System());
        var (listener, heard) = Listener(second, "listener");
        var remote = ((ExtendedActorSystem)first).Provider.ResolveActorRef($"{AddressOf(second)}/user/listener");
        await UntilLane(first, remote, heard);
        Assert.True(await listener.GracefulStop(Patience));
        BlockingCollection<(object, IActorRef)> heardAgain = [];
        await Until(() =>
        {
            try
            {
                return second.ActorOf(Props.Create(() => new Hearer(heardAgain)), "listener") is not null;
            }
            catch (InvalidActorNameException)
            {
                // Its parent has not heard of the end yet.
                return false;
            }
        });
        await UntilLane(first, remote, heardAgain);
    }

    [Fact]
    public async Task Who_listens_takes_lanes_before_its_system_knows_its_own_address()
    {
        var system = System();
        var transport = new SocketTransport(system, ConfigurationFactory.ParseString("hostname = 127.0.0.1\nport = 0")
            .WithFallback(system.Settings.Config.GetConfig("akka.remote.dot-netty.tcp")));
        var (address, listener) = await transport.Listen();
        listener.SetResult(new Deaf());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port!.Value);
        await socket.SendAsync(LaneFormat.Greeting($"akka.tcp://test@127.0.0.1:{address.Port}"));
        var answer = new byte[LaneFormat.AnswerBytes];
        using var limit = new CancellationTokenSource(Patience);
        Assert.Equal(answer.Length, await socket.ReceiveAsync(answer, limit.Token));
        Assert.Equal(LaneFormat.Answer(), answer);
        Assert.True(await transport.Shutdown());
        Assert.Equal(0, await Left(socket));
    }

    [Fact]
    public async Task An_end_that_does_not_say_that_it_reads_is_given_up()
    {
        var system = System();
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var port = ((IPEndPoint)deaf.LocalEndpoint).Port;
        var accepting = Greeted(deaf);
        var remote = ((ExtendedActorSystem)system).Provider.ResolveActorRef($"akka.tcp://test@127.0.0.1:{port}/user/listener");
        var lanes = Lanes.Of(system);
        await Until(() => Tell() > 0);
        using var connection = await accepting;
        // What it is told now is lost, as it may be; soon nothing more goes there.
        await Until(() => Tell() == 0);

        long Tell()
        {
            var before = lanes.Sent;
            lanes.Tell(remote, new ClientRequests(new byte[10]), ActorRefs.NoSender);
            return lanes.Sent - before;
        }
    }

    [Fact]
    public async Task A_stranger_gets_nothing_done_and_others_are_served()
    {
        var (first, second) = (System(), System());
        var (listener, heard) = Listener(second, "listener");
        var own = AddressOf(second).ToString();
        foreach (var greeting in (byte[][])[
            LaneFormat.Greeting(own.Replace("test@", "other@", StringComparison.Ordinal)),
            [.. LaneFormat.Mark, 9, 1, 0, 65],
            [.. LaneFormat.Mark, LaneFormat.Version, 255, 255, 65],
            [.. LaneFormat.Mark, LaneFormat.Version, 0, 0]])
        {
            using var stranger = Connect(second);
            await stranger.SendAsync(greeting);
            Assert.Equal(0, await Left(stranger));
        }

        var route = new LaneRoute(ClientProtocol.SerializerId, "q", own + "/user/listener", "");
        foreach (var frame in (byte[][])[
            [0], [0, 255, 255, 1], [0, 1, 0, 1],
            [.. LaneFormat.Head(route with { Serializer = 12345 })!, 1],
            [.. LaneFormat.Head(route with { Manifest = "no such class" })!, 1],
            [.. LaneFormat.Head(route with { Recipient = "nowhere" })!, 1],
            [.. LaneFormat.Head(route)!.AsSpan(0, 20)]])
        {
            using var stranger = await Admitted(second);
            await stranger.SendAsync(Framed(frame));
            Assert.Equal(0, await Left(stranger));
        }

        using (var stranger = await Admitted(second))
        {
            // A message that is not for lanes, one for another system, one for nobody, and one that is in order.
            var request = new ClientSerializer((ExtendedActorSystem)second).ToBinary(new RingRequest(null));
            await stranger.SendAsync(Framed([.. LaneFormat.Head(route with { Manifest = "r" })!, .. request]));
            await stranger.SendAsync(Framed([.. LaneFormat.Head(route with { Recipient = AddressOf(first) + "/user/listener" })!, 1]));
            await stranger.SendAsync(Framed([.. LaneFormat.Head(route with { Recipient = own + "/user/nobody" })!, 2]));
            await stranger.SendAsync(Framed([.. LaneFormat.Head(route)!, 3]));
            Assert.Equal([3], Assert.IsType<ClientRequests>((await Next(heard)).Message).Bytes.ToArray());
            Assert.Empty(heard);
        }

        await UntilLane(first, await Remote(first, listener), heard);
    }

    [Theory]
    [InlineData("", "akka.tcp://a@h:1/user/x", "")]
    [InlineData("q", "akka.tcp://ä@h:1/user/x#7", "akka.tcp://b@h:2/user/$a#9")]
    public void A_head_is_read_as_it_was_written(string manifest, string recipient, string sender)
    {
        var route = new LaneRoute(-7, manifest, recipient, sender);
        byte[] frame = [.. LaneFormat.Head(route)!, 1, 2, 3];
        LaneFormat.Split(frame, out var flags, out var bytes, out var message);
        Assert.Equal(0, flags);
        Assert.Equal(route, LaneFormat.ReadRoute(bytes));
        Assert.Equal([1, 2, 3], message.ToArray());
        Assert.Null(LaneFormat.Head(route with { Recipient = new string('x', 2_000) }));
    }

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private static Task<IActorRef> Remote(ActorSystem from, IActorRef actor) =>
        from.ActorSelection(actor.Path.ToStringWithAddress(AddressOf(actor))).ResolveOne(Patience);

    private static Address AddressOf(IActorRef local) => ((IInternalActorRef)local).Provider.DefaultAddress;

    private static (IActorRef Listener, BlockingCollection<(object Message, IActorRef Sender)> Heard) Listener(ActorSystem system, string name)
    {
        var heard = new BlockingCollection<(object, IActorRef)>();
        return (system.ActorOf(Props.Create(() => new Hearer(heard)), name), heard);
    }

    // Until a message has come by lane; nothing is left to be heard afterwards.
    private static async Task UntilLane(ActorSystem from, IActorRef remote, BlockingCollection<(object, IActorRef)> heard)
    {
        var lanes = Lanes.Of(from);
        await Until(() =>
        {
            var before = lanes.Sent;
            lanes.Tell(remote, new ClientRequests(new byte[1]), ActorRefs.NoSender);
            return lanes.Sent > before && heard.TryTake(out _, TimeSpan.FromMilliseconds(200));
        });
        var end = new byte[] { 200 };
        await Until(() =>
        {
            lanes.Tell(remote, new ClientRequests(end), ActorRefs.NoSender);
            return heard.TryTake(out var last, TimeSpan.FromSeconds(1)) && ((ClientRequests)last.Item1).Bytes.Span.SequenceEqual(end);
        });
        while (heard.TryTake(out _, TimeSpan.FromMilliseconds(100)))
        {
        }
    }

    private static async Task<(object Message, IActorRef Sender)> Next(BlockingCollection<(object Message, IActorRef Sender)> heard) =>
        await Task.Run(() => heard.TryTake(out var next, Patience) ? next : throw new TimeoutException());

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await Task.Run(condition)) await Task.Delay(20, limit.Token);
    }

    private static async Task<Socket> Greeted(TcpListener deaf)
    {
        var socket = await deaf.AcceptSocketAsync();
        while (true)
        {
            // Akka.Remote tries as well, and is left alone with its connection.
            var first = new byte[4];
            if (await socket.ReceiveAsync(first) == 4 && first.AsSpan().SequenceEqual(LaneFormat.Mark)) break;
            socket = await deaf.AcceptSocketAsync();
        }

        await socket.SendAsync(LaneFormat.Answer());
        return socket;
    }

    private static Socket Connect(ActorSystem to)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, AddressOf(to).Port!.Value);
        return socket;
    }

    private static async Task<Socket> Admitted(ActorSystem to)
    {
        var socket = Connect(to);
        await socket.SendAsync(LaneFormat.Greeting(AddressOf(to).ToString()));
        var answer = new byte[LaneFormat.AnswerBytes];
        Assert.Equal(answer.Length, await socket.ReceiveAsync(answer));
        Assert.Equal(LaneFormat.Answer(), answer);
        return socket;
    }

    // Bytes that come until the other end closes.
    private static async Task<int> Left(Socket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        var (buffer, left) = (new byte[100], 0);
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read) left += read;
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }

        return left;
    }

    private static byte[] Framed(byte[] frame)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, frame.Length);
        return [.. length, .. frame];
    }

    private ActorSystem System(string hocon = "")
    {
        var system = ActorSystem.Create("test", ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n" + hocon)
            .WithFallback(DynamoClient.DefaultConfig()));
        _systems.Add(system);
        return system;
    }

    private sealed class Deaf : IAssociationEventListener
    {
        public void Notify(IAssociationEvent ev) => throw new InvalidOperationException("A lane is no association.");
    }

    private sealed class Hearer : ReceiveActor
    {
        public Hearer(BlockingCollection<(object, IActorRef)> heard) => ReceiveAny(message => heard.Add((message, Sender)));
    }
}
