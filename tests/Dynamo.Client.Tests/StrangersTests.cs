using System.Runtime.Serialization;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>What does not belong to the protocol does not travel, in either direction.</summary>
public sealed class StrangersTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    public sealed record Foreign(string Text);

    [Fact]
    public void A_foreign_type_has_no_serializer()
    {
        var system = nodes.Outside();
        var foreign = new Foreign("hello");
        var serializer = system.Serialization.FindSerializerFor(foreign);
        Assert.IsType<RefusingSerializer>(serializer);
        Assert.Throws<SerializationException>(() => serializer.ToBinary(foreign));
        Assert.Throws<SerializationException>(() => serializer.FromBinary<Foreign>("{}"u8.ToArray()));
    }

    [Fact]
    public async Task A_node_drops_what_a_stranger_sends_as_json_and_serves_on()
    {
        // This one speaks the JSON that Akka speaks by default.
        const string json = "akka.actor.serializers.json = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"";
        var stranger = nodes.Outside(json);
        var gateway = $"akka.tcp://dynamo@{nodes.Contact(1)}{ClientProtocol.GatewayPath}";
        var selection = stranger.ActorSelection(gateway);
        for (var i = 0; i < 10; i++) selection.Tell(new Foreign("hello"));
        var options = new DynamoClientOptions { Contacts = [nodes.Contact(1)] };
        await using var client = DynamoClient.Start(stranger, options);
        Assert.IsType<Stored>((await client.Put("b", "stranger", "milk"u8.ToArray())).Outcome);
    }

    [Fact]
    public async Task A_client_drops_nonsense_and_goes_on()
    {
        await using var client = nodes.Client(1);
        client.Actor.Tell(new ClientReplies(new byte[] { 9, 9, 9 }));
        client.Actor.Tell(new ClientReplies(ReadOnlyMemory<byte>.Empty));
        client.Actor.Tell(new ClientChunk(new byte[] { 1 }));
        client.Actor.Tell("hello");
        Assert.IsType<Stored>((await client.Put("b", "nonsense", "milk"u8.ToArray())).Outcome);
    }

    [Fact]
    public void Every_message_of_the_protocol_keeps_its_serializer_and_survives_it()
    {
        var system = nodes.Outside();
        object[] messages =
        [
            new ClientRequests(new byte[] { 1 }),
            new ClientReplies(new byte[] { 2 }),
            new ClientChunk(new byte[] { 3 }),
            new RingRequest(null),
            new RingRequest(7),
            new RingSnapshot(nodes.Cluster.Founding, 3, [new(new NodeId("node1"), "akka.tcp://dynamo@h:1", true)], []),
        ];
        foreach (var message in messages)
        {
            var serializer = Assert.IsType<ClientSerializer>(system.Serialization.FindSerializerFor(message));
            var copy = serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
            Assert.Equal(Describe(message), Describe(copy));
        }

        static string Describe(object message) => message switch
        {
            ClientRequests m => $"requests {Convert.ToHexString(m.Bytes.Span)}",
            ClientReplies m => $"replies {Convert.ToHexString(m.Bytes.Span)}",
            ClientChunk m => $"chunk {Convert.ToHexString(m.Bytes.Span)}",
            RingSnapshot m => $"{m.Founding.ClusterId} {m.Version} {string.Join(", ", m.Nodes)}",
            _ => message.ToString()!,
        };
    }
}
