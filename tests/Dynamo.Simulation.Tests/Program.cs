using Dynamo.Simulation;
using Dynamo.Simulation.Tests;

// The second process of DeterminismTests: says the hash of one run.
Console.WriteLine(Runs.Of(args[0], ulong.Parse(args[1])).Hash);
