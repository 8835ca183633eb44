namespace Dynamo.Build;

/// <summary>
/// <c>up</c>: builds the dynamo tool and, where it can be restored, the node program; <c>dynamo up</c> does the rest.
/// </summary>
internal static class UpVerb
{
    /// <summary>Runs the verb; every argument is passed on.</summary>
    /// <returns>The tool's exit code, or 1 when something could not be built.</returns>
    public static int Run(string[] args)
    {
        var tool = ProjectBuild.Program("src/Dynamo.Cli/Dynamo.Cli.csproj");
        if (!tool.Succeeded) return Fail(tool);
        List<string> arguments = [ProjectBuild.TargetPath(tool), "up", .. args];
        if (!args.Any(a => a is "--embedded" or "--node-program" or "--help" or "-h" or "-?"))
        {
            var node = ProjectBuild.Program("src/Dynamo.Node/Dynamo.Node.csproj");
            var missing = ProjectBuild.MissingPackages(node);
            if (!node.Succeeded && missing.Count == 0) return Fail(node);
            if (node.Succeeded) arguments.AddRange(["--node-program", ProjectBuild.TargetPath(node)]);
            else
            {
                var packages = missing.Values.SelectMany(p => p).Distinct().Order(StringComparer.Ordinal);
                Console.WriteLine(
                    $"No package feed holds {string.Join(", ", packages)}: starting the embedded cluster.");
                arguments.Add("--embedded");
            }
        }

        return HandedOver.To(arguments);
    }

    private static int Fail(DotNetRun build)
    {
        foreach (var line in build.Errors()) Console.Error.WriteLine(line);
        return 1;
    }
}
