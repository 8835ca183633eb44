using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors.Benchmarks.Load;
using Dynamo.Client;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks;

/// <summary>A load over <see cref="DynamoClient"/>, told to its actor as an application would that is in a hurry.</summary>
internal static class ClientBench
{
    public const string Usage = "client-bench --contacts HOST:PORT,... [--http URL] [--bucket bench] [--host 127.0.0.1] "
        + "[--coordinate-gets true] [--routing Owners|AnyNode]";

    public static async Task<int> Run(Arguments given)
    {
        var plan = LoadPlan.Read(given);
        var bucket = given.Text("--bucket", "bench");
        // Puts without a context are concurrent ones: siblings would pile up unless the bucket says otherwise.
        if (given.Has("--http")) await KeepOneVersion(given.Text("--http"), bucket);
        var config = ConfigurationFactory.ParseString(
            $"akka.remote.dot-netty.tcp.hostname = \"{given.Text("--host", "127.0.0.1")}\"\nakka.loglevel = ERROR");
        using var system = ActorSystem.Create("load", config.WithFallback(DynamoClient.DefaultConfig()));
        await using var client = DynamoClient.Start(system, new DynamoClientOptions
        {
            Contacts = given.List("--contacts"),
            CoordinateGets = given.Text("--coordinate-gets", "false") == "true",
            Routing = Enum.TryParse<RequestRouting>(given.Text("--routing", "Owners"), out var routing)
                ? routing : throw new UsageException($"Requests cannot be routed to {given.Text("--routing")}."),
        });
        var done = new TaskCompletionSource<LoadReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = client.Actor;
        system.ActorOf(Props.Create(() => new Driver(plan, done, actor, bucket)));
        Console.WriteLine((await done.Task).ToJson());
        return 0;
    }

    private static async Task KeepOneVersion(string node, string bucket)
    {
        using var http = new HttpClient();
        using var props = new StringContent("""{"props":{"allow_mult":false}}""", Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync(new Uri(new Uri(node), $"/buckets/{bucket}/props"), props);
        answer.EnsureSuccessStatusCode();
    }

    private sealed class Driver(LoadPlan plan, TaskCompletionSource<LoadReport> done, IActorRef client, string bucket)
        : LoadActor(plan, "client-bench", done)
    {
        protected override void Send(Operation operation)
        {
            var key = Key.Of(bucket, NameOf(operation.Key));
            client.Tell(operation.IsPut
                ? new Put(key, new Value { Body = Value }) { Context = operation.Context, Tag = operation }
                : new Get(key) { Tag = operation });
        }

        protected override void OnAnswer(object message)
        {
            if (message is not DynamoReply reply) return;
            var operation = (Operation)reply.Command.Tag!;
            if (reply.Outcome is Found found) operation.Context = found.Context;
            Ended(operation, reply.Outcome.IsSuccess ? null : reply.Outcome.GetType().Name);
        }
    }
}
