namespace Dynamo.Build;

/// <summary>
/// <c>chaos</c>: builds a node, the load over the client library and the program that breaks them, and starts that.
/// </summary>
internal static class ChaosVerb
{
    /// <summary>Runs the verb; every argument is passed on.</summary>
    /// <returns>The program's exit code; 1 when something could not be built, 3 when there are no packages to build it with.</returns>
    public static int Run(string[] args)
    {
        var chaos = ProjectBuild.Program("tests/Dynamo.Chaos/Dynamo.Chaos.csproj");
        if (!chaos.Succeeded) return Fail(chaos);
        List<string> arguments = [ProjectBuild.TargetPath(chaos), .. args];
        if (args.Any(static a => a is "--help" or "-h" or "-?")) return HandedOver.To(arguments);
        foreach (var (option, project) in ((string, string)[])
            [("--node-program", "src/Dynamo.Node/Dynamo.Node.csproj"), ("--client-program", "tests/Dynamo.Actors.Benchmarks/Dynamo.Actors.Benchmarks.csproj")])
        {
            var build = ProjectBuild.Program(project);
            var missing = ProjectBuild.MissingPackages(build);
            if (!build.Succeeded && missing.Count == 0) return Fail(build);
            if (!build.Succeeded)
            {
                var packages = missing.Values.SelectMany(p => p).Distinct().Order(StringComparer.Ordinal);
                Console.Error.WriteLine($"No package feed holds {string.Join(", ", packages)}, and without them there are no node processes to break.");
                return 3;
            }

            arguments.AddRange([option, ProjectBuild.TargetPath(build)]);
        }

        return HandedOver.To(arguments);
    }

    private static int Fail(DotNetRun build)
    {
        foreach (var line in build.Errors()) Console.Error.WriteLine(line);
        return 1;
    }
}
