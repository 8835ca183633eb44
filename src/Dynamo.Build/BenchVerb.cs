namespace Dynamo.Build;

/// <summary><c>bench</c>: builds a node, the loads and peers over Akka.NET, the tool and the program that measures them, and starts that.</summary>
internal static class BenchVerb
{
    /// <summary>Runs the verb; every argument is passed on.</summary>
    /// <returns>The program's exit code; 1 when something could not be built, 3 when there are no packages to build it with.</returns>
    public static int Run(string[] args) => ProgramOfNodes.Start(
        "tests/Dynamo.Bench/Dynamo.Bench.csproj", args, "no node processes to measure",
        ("--node-program", "src/Dynamo.Node/Dynamo.Node.csproj"),
        ("--load-program", "tests/Dynamo.Actors.Benchmarks/Dynamo.Actors.Benchmarks.csproj"),
        ("--tool-program", "src/Dynamo.Cli/Dynamo.Cli.csproj"));
}
