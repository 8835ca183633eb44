using Akka.Actor;
using Akka.Configuration;
using Dynamo.Client;
using ShoppingCart;

const string Usage = """
    Keeps a shopping cart in a running Dynamo cluster, from an actor system of its own, and shows how concurrent
    versions are merged.

      dotnet run --project samples/ShoppingCart -- --contact 127.0.0.1:18098 [--contact ...] [--cluster-client]

    --contact is the host and port of a node's Akka.Remote: with "./build.sh up", 127.0.0.1 and its HTTP port + 10000.
    --cluster-client makes the first contact by way of Akka's ClusterClient and the node's receptionist.
    """;

List<string> contacts = [];
var useClusterClient = false;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--contact" && i + 1 < args.Length) contacts.Add(args[++i]);
    else if (args[i] == "--cluster-client") useClusterClient = true;
    else contacts.Clear();
}

if (contacts.Count == 0)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

using var system = ActorSystem.Create(
    "shop", ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(DynamoClient.DefaultConfig()));
try
{
    await using var client = DynamoClient.Start(system, new DynamoClientOptions
    {
        Contacts = contacts,
        UseClusterClient = useClusterClient,
        Resolvers = new Dictionary<string, Resolver> { [Story.Bucket] = Cart.Merge },
    });
    await new Story(client, $"cart-{Guid.NewGuid():N}", Console.Out).Tell();
    return 0;
}
catch (Exception fault) when (fault is StoryException or ArgumentException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
finally
{
    await system.Terminate();
}
