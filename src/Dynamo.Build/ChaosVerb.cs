namespace Dynamo.Build;

/// <summary>
/// <c>chaos</c>: builds a node, the load over the client library and the program that breaks them, and starts that.
/// </summary>
internal static class ChaosVerb
{
    /// <summary>Runs the verb; every argument is passed on.</summary>
    /// <returns>The program's exit code; 1 when something could not be built, 3 when there are no packages to build it with.</returns>
    public static int Run(string[] args) => ProgramOfNodes.Start(
        "tests/Dynamo.Chaos/Dynamo.Chaos.csproj", args, "no node processes to break",
        ("--node-program", "src/Dynamo.Node/Dynamo.Node.csproj"),
        ("--client-program", "tests/Dynamo.Actors.Benchmarks/Dynamo.Actors.Benchmarks.csproj"));
}
