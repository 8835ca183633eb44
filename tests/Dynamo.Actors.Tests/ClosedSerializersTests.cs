using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Serialization;
using Dynamo.Client;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>No serializer of a node or of a client makes an object of a type that the sender names.</summary>
public sealed class ClosedSerializersTests : IAsyncLifetime
{
    // What Akka has by default, and what a stranger sends with.
    private const string Stock = "akka { loglevel = ERROR, actor.provider = remote, remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 } }";
    private readonly ActorSystem _node = ActorSystem.Create(
        "dynamo", new AkkaSettings { Self = new NodeId("node1"), Host = "127.0.0.1", Port = 0 }.ToConfig(ConfigurationFactory.ParseString("akka.loglevel = ERROR")));
    private readonly ActorSystem _client = ActorSystem.Create("shop", DynamoClient.DefaultConfig());
    private readonly ActorSystem _stranger = ActorSystem.Create("stranger", Stock);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_node.Terminate(), _client.Terminate(), _stranger.Terminate());

    private static class Made
    {
        public static int Exceptions, Messages;
    }

    /// <summary>Notices that somebody has made one from bytes.</summary>
    [Serializable]
    public sealed class PlantedException : Exception
    {
        public PlantedException()
        {
        }

#pragma warning disable SYSLIB0051 // The constructor that Akka's exceptions come to life by.
        private PlantedException(SerializationInfo info, StreamingContext context)
            : base(info, context) => Interlocked.Increment(ref Made.Exceptions);
#pragma warning restore SYSLIB0051
    }

    /// <summary>The same, for a serializer that calls a constructor without parameters.</summary>
    public sealed class PlantedMessage
    {
        public PlantedMessage() => Interlocked.Increment(ref Made.Messages);
    }

    [Fact]
    public void A_node_has_these_serializers_and_no_others() => Assert.Equal(
        [
            "0 NullSerializer", "1 RefusingSerializer", "4 ByteArraySerializer", "5 AkkaClusterMessages", "6 AkkaSelections",
            "9 AkkaPublications", "15 ClusterClientMessageSerializer", "16 AkkaMiscMessages", "17 PrimitiveSerializers",
            "7301 DynamoSerializer", "7302 ClientSerializer",
        ],
        In(_node));

    [Fact]
    public void A_client_has_these_serializers_and_no_others() => Assert.Equal(
        [
            "0 NullSerializer", "1 RefusingSerializer", "4 ByteArraySerializer", "6 AkkaSelections", "9 AkkaPublications",
            "15 ClusterClientMessageSerializer", "16 AkkaMiscMessages", "17 PrimitiveSerializers", "22 WatchMessages", "7302 ClientSerializer",
        ],
        In(_client));

    [Fact]
    public void Every_type_is_bound_to_one_of_them_and_any_other_type_to_the_one_that_refuses()
    {
        foreach (var system in new[] { _node, _client })
        {
            Assert.IsType<RefusingSerializer>(system.Serialization.FindSerializerForType(typeof(object)));
            var allowed = In(system);
            var bindings = system.Settings.Config.GetConfig("akka.actor.serialization-bindings").AsEnumerable().ToList();
            Assert.True(bindings.Count > 20, "Hardly any binding was looked at.");
            foreach (var (type, _) in bindings)
            {
                if (Type.GetType(type) is not { } bound) continue;
                var serializer = system.Serialization.FindSerializerForType(bound);
                Assert.Contains($"{serializer.Identifier} {serializer.GetType().Name}", allowed);
            }
        }
    }

    [Fact]
    public void A_failure_makes_an_exception_with_Akkas_own_serializers_and_none_with_these()
    {
        Made.Exceptions = 0;
        foreach (object message in (object[])[new Status.Failure(new PlantedException()), new Recreate(new PlantedException())])
        {
            var (id, manifest, bytes) = Sent(message);
            _stranger.Serialization.Deserialize(bytes, id, manifest);
            Assert.Equal(1, Interlocked.Exchange(ref Made.Exceptions, 0));
            foreach (var system in new[] { _node, _client })
                Assert.Throws<SerializationException>(() => system.Serialization.Deserialize(bytes, id, manifest));
            // Nor inside an envelope.
            var (outerId, outerManifest, outer) = Sent(new ActorSelectionMessage(message is Status.Failure ? message : new Identify(message), []));
            foreach (var system in new[] { _node, _client })
                Assert.Throws<SerializationException>(() => system.Serialization.Deserialize(outer, outerId, outerManifest));
        }

        Assert.Equal(0, Made.Exceptions);
    }

    [Fact]
    public void Protobuf_makes_any_type_with_Akkas_own_serializers_and_none_with_these()
    {
        Made.Messages = 0;
        var manifest = typeof(PlantedMessage).AssemblyQualifiedName!;
        Assert.Throws<ArgumentException>(() => _stranger.Serialization.Deserialize([], 2, manifest));
        Assert.Equal(1, Made.Messages);
        foreach (var system in new[] { _node, _client })
            Assert.Throws<SerializationException>(() => system.Serialization.Deserialize([], 2, manifest));
        Assert.Equal(1, Made.Messages);
    }

    [Fact]
    public void Nobody_tells_an_actor_from_afar_to_stop_suspend_or_begin_anew()
    {
        foreach (object message in (object[])[new Suspend(), new Terminate(), new Resume(null), Kill.Instance, PoisonPill.Instance])
        {
            var (id, manifest, bytes) = Sent(message);
            foreach (var system in new[] { _node, _client })
                Assert.Throws<SerializationException>(() => system.Serialization.Deserialize(bytes, id, manifest));
        }
    }

    [Fact]
    public void Envelopes_inside_one_another_end_before_the_stack_does()
    {
        foreach (var depth in (int[])[2, 8])
        {
            var (id, manifest, bytes) = Nested(depth);
            Assert.IsType<ActorSelectionMessage>(_node.Serialization.Deserialize(bytes, id, manifest));
        }

        foreach (var depth in (int[])[9, 500])
        {
            var (id, manifest, bytes) = Nested(depth);
            foreach (var system in new[] { _node, _client })
            {
                var fault = Assert.Throws<SerializationException>(() => system.Serialization.Deserialize(bytes, id, manifest));
                Assert.Contains("more than 8 deep", fault.GetBaseException().Message, StringComparison.Ordinal);
            }
        }

        // And a refusal leaves nothing behind that would make the next honest message too deep.
        var (again, name, good) = Nested(8);
        Assert.NotNull(_node.Serialization.Deserialize(good, again, name));
    }

    private (int Id, string Manifest, byte[] Bytes) Nested(int depth)
    {
        object message = "hello";
        for (var i = 0; i < depth; i++) message = new ActorSelectionMessage(message, []);
        return Sent(message);
    }

    // As a stranger's Akka would put it on the wire.
    private (int Id, string Manifest, byte[] Bytes) Sent(object message)
    {
        var serializer = _stranger.Serialization.FindSerializerFor(message);
        return (serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, message), serializer.ToBinary(message));
    }

    // Akka shows its table to nobody; a release that names it otherwise fails here and not in silence.
    private static List<string> In(ActorSystem system)
    {
        var table = typeof(Akka.Serialization.Serialization)
            .GetField("_serializersById", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(system.Serialization);
        return [.. ((Dictionary<int, Serializer>)table!).OrderBy(static e => e.Key).Select(static e => $"{e.Key} {e.Value.GetType().Name}")];
    }
}
