using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors.Benchmarks.Load;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>The actor systems that speak in frames: bare Akka.Remote, as it is configured by default.</summary>
internal static class FrameSystem
{
    /// <summary>The name of every such system, and of the actor in each that clients ask.</summary>
    public const string Name = "bench", Front = "front";

    private const string Remote = """
        akka {
          loglevel = ERROR
          actor {
            provider = remote
            serializers.frame = "Dynamo.Actors.Benchmarks.Frames.FrameSerializer, Dynamo.Actors.Benchmarks"
            serialization-bindings { "Dynamo.Actors.Benchmarks.Frames.Frame, Dynamo.Actors.Benchmarks" = frame }
          }
          remote.dot-netty.tcp.hostname = "127.0.0.1"
        }
        """;

    /// <summary>A system that listens at a port; 0 chooses one.</summary>
    /// <param name="port">The port, on 127.0.0.1.</param>
    /// <param name="more">What else it is configured with.</param>
    public static ActorSystem Start(long port, string more = "") => ActorSystem.Create(
        Name, ConfigurationFactory.ParseString($"{more}\nakka.remote.dot-netty.tcp.port = {port}")
            .WithFallback(ConfigurationFactory.ParseString(Remote)));

    /// <summary>An actor of another system.</summary>
    /// <param name="system">The system that asks.</param>
    /// <param name="hostAndPort">Where the other one is.</param>
    /// <param name="actor">The name of a top-level actor.</param>
    public static IActorRef At(ActorSystem system, string hostAndPort, string actor) =>
        ((ExtendedActorSystem)system).Provider.ResolveActorRef($"akka.tcp://{Name}@{hostAndPort}/user/{actor}");

    /// <summary>Waits until an actor of another system answers, which also makes the connection.</summary>
    public static async Task Meet(ActorSystem system, string hostAndPort, string actor) =>
        await system.ActorSelection($"akka.tcp://{Name}@{hostAndPort}/user/{actor}").ResolveOne(TimeSpan.FromSeconds(30));

    /// <summary>Says that it is ready, and waits until whoever started it closes its input, or dies.</summary>
    public static async Task<int> Serve()
    {
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        return 0;
    }

    /// <summary>Drives nodes that speak in frames, and prints what was measured.</summary>
    public static async Task<int> Drive(string program, Arguments given)
    {
        var plan = LoadPlan.Read(given);
        var isBatched = given.Text("--batched", "true") == "true";
        var nodes = given.List("--nodes");
        using var system = Start(0);
        foreach (var node in nodes) await Meet(system, node, Front);
        var done = new TaskCompletionSource<LoadReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        var name = $"{program}{(isBatched ? ", batched" : "")}";
        system.ActorOf(Props.Create(() => new FrameClient(plan, name, done, nodes.Select(n => At(system, n, Front)).ToList(), isBatched)));
        Console.WriteLine((await done.Task).ToJson());
        return 0;
    }
}
