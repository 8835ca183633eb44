using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Akka.TestKit.Xunit2;
using Dynamo.Client;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>What may be made into bytes on a node, and what not.</summary>
public sealed class SerializerTests : TestKit
{
    private static readonly byte[] Some = [1, 2, 3];

    public SerializerTests()
        : base(new AkkaSettings { Self = new NodeId("node1"), Host = "127.0.0.1", Port = 0 }.ToConfig(), AkkaSettings.SystemName)
    {
    }

    /// <summary>A class of an application, or of somebody who means no good.</summary>
    public sealed record Foreign(string Text);

    public static TheoryData<object, int, string> Envelopes => new()
    {
        { new LinkFrame(Some), DynamoSerializer.Id, "f" },
        { new LinkChunk(Some), DynamoSerializer.Id, "k" },
        { new LinkHello(Some), DynamoSerializer.Id, "h" },
        { new LinkRefusal(Some), DynamoSerializer.Id, "r" },
        { new Founded(Some), DynamoSerializer.Id, "F" },
        { new PropertiesChanged(Some), DynamoSerializer.Id, "P" },
        { new MembershipChanged(Some), DynamoSerializer.Id, "M" },
        { new HistorySnapshot(Some, Some, Some), DynamoSerializer.Id, "S" },
        { new ClientRequests(Some), ClientProtocol.SerializerId, "q" },
        { new ClientReplies(Some), ClientProtocol.SerializerId, "a" },
        { new ClientChunk(Some), ClientProtocol.SerializerId, "k" },
        { new RingRequest(3), ClientProtocol.SerializerId, "r" },
        {
            new RingSnapshot(LoopbackCluster.Found("test", 2), 0, [new RingSnapshot.Node(new NodeId("node1"), "akka.tcp://dynamo@h:1", true)], []),
            ClientProtocol.SerializerId, "s"
        },
    };

    [Theory]
    [MemberData(nameof(Envelopes))]
    public void Every_envelope_keeps_its_serializer_manifest_and_content(object envelope, int serializerId, string manifest)
    {
        var serializer = (SerializerWithStringManifest)Sys.Serialization.FindSerializerFor(envelope);
        Assert.Equal(serializerId, serializer.Identifier);
        Assert.Equal(manifest, serializer.Manifest(envelope));
        var bytes = serializer.ToBinary(envelope);
        var back = Sys.Serialization.Deserialize(bytes, serializerId, manifest);
        Assert.Equal(envelope.GetType(), back.GetType());
        Assert.Equal(bytes, serializer.ToBinary(back));
    }

    [Fact]
    public void A_foreign_type_cannot_be_serialized()
    {
        foreach (object foreign in new object[] { new Foreign("x"), new Uri("http://x"), new Dictionary<string, object>(), new StringWriter() })
            Assert.Throws<SerializationException>(() => Sys.Serialization.FindSerializerFor(foreign).ToBinary(foreign));
    }

    [Theory]
    [InlineData(1, "Dynamo.Actors.Tests.SerializerTests+Foreign, Dynamo.Actors.Tests")]
    [InlineData(1, "System.IO.FileInfo, System.Private.CoreLib")]
    [InlineData(DynamoSerializer.Id, "Dynamo.Actors.Tests.SerializerTests+Foreign, Dynamo.Actors.Tests")]
    [InlineData(DynamoSerializer.Id, "x")]
    [InlineData(ClientProtocol.SerializerId, "x")]
    [InlineData(999, "x")]
    public void A_foreign_type_cannot_be_deserialized(int serializerId, string manifest)
    {
        // The JSON that Akka's default would have made of it, type name included.
        var bytes = new NewtonSoftJsonSerializer((ExtendedActorSystem)Sys).ToBinary(new Foreign("x"));
        Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize(bytes, serializerId, manifest));
    }

    [Fact]
    public void Damaged_bytes_of_ours_are_refused_too()
    {
        Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize(Some, DynamoSerializer.Id, "S"));
        Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize(Some, ClientProtocol.SerializerId, "s"));
    }

    [Fact]
    public void Akkas_own_messages_need_nobodys_leave()
    {
        foreach (object message in new object[] { new Identify("x"), new ActorIdentity("x", TestActor), "text", 7 })
        {
            var serializer = Sys.Serialization.FindSerializerFor(message);
            Assert.IsNotType<RefusingSerializer>(serializer);
            serializer.ToBinary(message);
        }
    }

    [Fact]
    public void Whatever_a_user_configures_Dynamo_insists_on_what_keeps_data_safe()
    {
        var user = ConfigurationFactory.ParseString(
            """
            akka.actor.serializers.json = "Akka.Serialization.NewtonSoftJsonSerializer, Akka"
            akka.cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            akka.remote.retry-gate-closed-for = 3 s
            """);
        var config = new AkkaSettings { Self = new NodeId("node1"), Host = "h", Port = 1 }.ToConfig(user);
        Assert.Contains(nameof(RefusingSerializer), config.GetString("akka.actor.serializers.json"), StringComparison.Ordinal);
        Assert.Contains("NoDowning", config.GetString("akka.cluster.downing-provider-class"), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(3), config.GetTimeSpan("akka.remote.retry-gate-closed-for"));
    }
}
