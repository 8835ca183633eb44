using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>How a client finds the cluster, and what it refuses to start with.</summary>
public sealed class FirstContactTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_living_contact_of_several_is_enough(bool clusterClient)
    {
        await using var client = DynamoClient.Start(nodes.Outside(), new DynamoClientOptions
        {
            Contacts = ["127.0.0.1:1", nodes.Contact(2)],
            UseClusterClient = clusterClient,
            Timeout = TimeSpan.FromSeconds(30),
        });
        Assert.IsType<Stored>((await client.Put("contact", $"{clusterClient}", "milk"u8.ToArray())).Outcome);
        Assert.Equal("milk", (await client.Get("contact", $"{clusterClient}")).Text);
    }

    [Fact]
    public async Task Without_a_living_contact_a_request_ends_in_time_as_one_that_was_not_sent()
    {
        await using var client = DynamoClient.Start(
            nodes.Outside(), new DynamoClientOptions { Contacts = ["127.0.0.1:1"], Timeout = TimeSpan.FromSeconds(1) });
        Assert.IsType<NotReady>((await client.Put("b", "k", "milk"u8.ToArray())).Outcome);
    }

    [Fact]
    public void All_that_is_wrong_with_the_options_is_said_at_once()
    {
        var fault = Assert.Throws<ArgumentException>(() => DynamoClient.Start(nodes.Outside(), new DynamoClientOptions
        {
            Contacts = ["nowhere"],
            Timeout = TimeSpan.Zero,
            MaxInFlight = 0,
        }));
        Assert.Contains("nowhere", fault.Message);
        Assert.Contains("Timeout", fault.Message);
        Assert.Contains("MaxInFlight", fault.Message);
    }

    [Fact]
    public async Task An_actor_system_without_the_settings_is_refused_with_a_sentence()
    {
        using var plain = ActorSystem.Create("plain");
        var fault = Assert.Throws<ArgumentException>(
            () => DynamoClient.Start(plain, new DynamoClientOptions { Contacts = [nodes.Contact(1)] }));
        Assert.Contains("DefaultConfig", fault.Message);
        await plain.Terminate();
    }
}
