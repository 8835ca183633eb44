using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Dynamo.Client.Tests;

/// <summary>The transport itself, and systems that speak through it.</summary>
public sealed class SocketTransportTests : IAsyncLifetime
{
    private const string Akkas = "akka.remote.dot-netty.tcp.transport-class = \"" + ClientProtocol.AkkaTransport + "\"\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<ActorSystem> _systems = [];
    private readonly List<SocketTransport> _transports = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var transport in _transports) await transport.Shutdown();
        await Task.WhenAll(_systems.Select(static s => s.Terminate()));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Systems_talk_whichever_of_them_has_Akkas_own_transport_and_nothing_is_lost_or_changes_its_place(bool firstHasAkkas, bool secondHasAkkas)
    {
        var first = System(firstHasAkkas ? Akkas : "");
        var second = System(secondHasAkkas ? Akkas : "");
        second.ActorOf(Props.Create(static () => new Echo()), "echo");
        var echo = await first.ActorSelection($"{AddressOf(second)}/user/echo").ResolveOne(Patience);
        const int count = 5_000;
        var done = new TaskCompletionSource<List<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asker = first.ActorOf(Props.Create(() => new Asker(echo, count, done)));
        Assert.NotNull(asker);
        var answers = await done.Task.WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, count).Select(Asker.Text), answers);
    }

    [Fact]
    public async Task A_connection_says_once_that_it_has_ended_and_takes_nothing_afterwards()
    {
        var (transport, address, inbound) = await Listening();
        var handle = await transport.Associate(address);
        var here = Listen(handle);
        // Who has connected speaks first.
        Assert.True(handle.Write(ByteString.CopyFromUtf8("last words")));
        var there = Listen(await inbound.Task.WaitAsync(Patience));
        Assert.IsType<SocketAssociation>(handle).Disassociate("the test wants it", Akka.Event.NoLogger.Instance);
        Assert.False(handle.Write(ByteString.CopyFromUtf8("too late")));
        Assert.Equal("last words", Assert.IsType<InboundPayload>(await there.Next()).Payload.ToStringUtf8());
        Assert.IsType<Disassociated>(await there.Next());
        Assert.IsType<Disassociated>(await here.Next());
        Assert.True(await transport.Shutdown());
        Assert.Empty(here.Left);
        Assert.Empty(there.Left);
        await Assert.ThrowsAsync<InvalidAssociationException>(() => transport.Associate(address));
    }

    [Fact]
    public async Task Who_does_not_read_stops_the_writer_and_nobody_else_and_is_let_go()
    {
        var (transport, _, _) = await Listening();
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var handle = await transport.Associate(At((IPEndPoint)deaf.LocalEndpoint));
        using var accepted = await deaf.AcceptSocketAsync();
        var frame = ByteString.CopyFrom(new byte[64 * 1024]);
        var written = 0;
        while (handle.Write(frame)) Assert.True(++written < 1_000, "It takes whatever it is given.");
        Assert.True(written > 16, $"It waits after {written} frames.");
        // Reading makes room again, and everything that was taken comes.
        var buffer = new byte[1024 * 1024];
        for (long left = (long)written * (frame.Length + 4); left > 0;)
        {
            var read = await accepted.ReceiveAsync(buffer);
            Assert.True(read > 0, $"{left} bytes are missing.");
            left -= read;
        }

        Assert.True(handle.Write(frame));
        while (handle.Write(frame))
        {
        }

        Assert.True(await transport.Shutdown().WaitAsync(Patience));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0001\u0000\u0000\u0000?\u0005\u0000\u0000\u0000xxxxx")]
    [InlineData("")]
    public async Task A_stranger_is_cut_off_or_ignored_and_others_are_served(string words)
    {
        var system = System("");
        system.ActorOf(Props.Create(static () => new Echo()), "echo");
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(IPAddress.Loopback, AddressOf(system).Port!.Value);
        await stranger.GetStream().WriteAsync(global::System.Text.Encoding.Latin1.GetBytes(words));
        if (words.Length > 0)
        {
            var buffer = new byte[4096];
            var silent = new CancellationTokenSource(Patience);
            try
            {
                while (await stranger.GetStream().ReadAsync(buffer, silent.Token) > 0)
                {
                }
            }
            catch (IOException)
            {
                // A reset is an end, too.
            }
        }

        var other = System("");
        Assert.NotNull(await other.ActorSelection($"{AddressOf(system)}/user/echo").ResolveOne(Patience));
    }

    [Fact]
    public async Task Where_nobody_listens_there_is_no_connection()
    {
        var (transport, _, _) = await Listening();
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var nowhere = At((IPEndPoint)closed.LocalEndpoint);
        closed.Stop();
        var refused = await Assert.ThrowsAsync<InvalidAssociationException>(() => transport.Associate(nowhere));
        Assert.Contains("refused", refused.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<InvalidAssociationException>(
            () => transport.Associate(new Address("tcp", "test", "no-such-host.invalid", 1)));
        Assert.Contains("no-such-host.invalid", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_is_listened_on_by_one_only()
    {
        var (_, address, _) = await Listening();
        var second = Transport($"port = {address.Port}");
        var fault = await Assert.ThrowsAsync<SocketException>(second.Listen);
        Assert.Equal(SocketError.AddressAlreadyInUse, fault.SocketErrorCode);
    }

    [Fact]
    public async Task What_others_reach_it_at_may_differ_from_what_it_listens_on()
    {
        var transport = Transport("public-hostname = shop.example\npublic-port = 4711");
        var (address, _) = await transport.Listen();
        Assert.Equal("tcp://test@shop.example:4711", address.ToString());
    }

    [Theory]
    [InlineData("enable-ssl = true", "has no TLS")]
    [InlineData("byte-order = big-endian", "little-endian")]
    [InlineData("maximum-frame-size = 100b", "maximum-frame-size")]
    public void What_it_cannot_do_stops_the_start(string setting, string sentence)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Transport(setting));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private static Address At(IPEndPoint end) => new("tcp", "test", end.Address.ToString(), end.Port);

    private static Events Listen(AssociationHandle handle)
    {
        var events = new Events();
        handle.ReadHandlerSource.SetResult(events);
        return events;
    }

    private ActorSystem System(string hocon)
    {
        var system = ActorSystem.Create("test", ConfigurationFactory.ParseString("akka.loglevel = ERROR\n" + hocon)
            .WithFallback(ConfigurationFactory.ParseString("akka.actor.serialize-messages = off"))
            .WithFallback(DynamoClient.DefaultConfig()));
        _systems.Add(system);
        return system;
    }

    private SocketTransport Transport(string settings)
    {
        var system = System("");
        var transport = new SocketTransport(system, ConfigurationFactory.ParseString("hostname = 127.0.0.1\nport = 0\n" + settings)
            .WithFallback(system.Settings.Config.GetConfig("akka.remote.dot-netty.tcp")));
        _transports.Add(transport);
        return transport;
    }

    private async Task<(SocketTransport Transport, Address Address, TaskCompletionSource<AssociationHandle> Inbound)> Listening()
    {
        var transport = Transport("");
        var (address, listener) = await transport.Listen();
        var inbound = new Inbound();
        listener.SetResult(inbound);
        return (transport, address, inbound.First);
    }

    private sealed class Inbound : IAssociationEventListener
    {
        public TaskCompletionSource<AssociationHandle> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Notify(IAssociationEvent ev) => First.TrySetResult(((InboundAssociation)ev).Association);
    }

    private sealed class Events : IHandleEventListener
    {
        private readonly BlockingCollection<IHandleEvent> _seen = [];

        public IEnumerable<IHandleEvent> Left => _seen;

        public void Notify(IHandleEvent ev) => _seen.Add(ev);

        public Task<IHandleEvent> Next() => Task.Run(() => _seen.TryTake(out var next, Patience) ? next : throw new TimeoutException());
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Asker : ReceiveActor
    {
        private readonly List<string> _answers = [];

        public Asker(IActorRef echo, int count, TaskCompletionSource<List<string>> done)
        {
            for (var i = 0; i < count; i++) echo.Tell(Text(i));
            Receive<string>(text =>
            {
                _answers.Add(text);
                if (_answers.Count == count) done.TrySetResult(_answers);
            });
        }

        // Most are short, and some nearly as long as a frame may be.
        public static string Text(int i) => $"{i} {new string('x', i % 500 == 0 ? 100_000 : i % 97)}";
    }
}
