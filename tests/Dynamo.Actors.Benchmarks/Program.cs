using Dynamo.Actors.Benchmarks;
using Dynamo.Actors.Benchmarks.Frames;
using Dynamo.Actors.Benchmarks.Load;

// Programs over Akka.NET, started by others as processes of their own:
//   client-load   clients that get, put and delete through Dynamo.Client, and write the history of it to standard output
//   client-bench  a measured load through Dynamo.Client
//   skeleton, ping-pong, ddata
//                 what Dynamo is measured against: nodes, which print "ready" and run until their input ends, and with
//                 --role client the same measured load on them
// A measured load prints "measuring" when what counts begins, and ends with one line of JSON.
try
{
    var given = new Arguments(args);
    switch (args.FirstOrDefault())
    {
        case "client-load":
            return await ClientLoad.Run(given);
        case "client-bench":
            return await ClientBench.Run(given);
        case "skeleton":
            return await SkeletonNode.Run(given);
        case "ping-pong":
            return await PingPong.Run(given);
        case "ddata":
            return await ReplicatedNode.Run(given);
        default:
            throw new UsageException("Say what to run.");
    }
}
catch (UsageException wrong)
{
    await Console.Error.WriteLineAsync($"""
        {wrong.Message}
          client-load {ClientLoad.Usage}
          {ClientBench.Usage}
          {SkeletonNode.Usage}
          {PingPong.Usage}
          {ReplicatedNode.Usage}
          skeleton|ping-pong|ddata --role client --nodes HOST:PORT,... [--batched true]
        A measured load also takes
        {LoadPlan.Usage}
        """);
    return 2;
}
