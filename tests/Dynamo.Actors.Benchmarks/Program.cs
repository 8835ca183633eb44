using Dynamo.Actors.Benchmarks;

// Programs that drive a cluster through Dynamo.Client, started by others as processes of their own:
//   client-load   clients that get, put and delete, and write the history of it to standard output
switch (args.FirstOrDefault())
{
    case "client-load":
        return await ClientLoad.Run(args[1..]);
    default:
        Console.Error.WriteLine($"Say what to run: client-load {ClientLoad.Usage}");
        return 2;
}
