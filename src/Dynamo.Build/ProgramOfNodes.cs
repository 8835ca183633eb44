namespace Dynamo.Build;

/// <summary>A program that starts others, some of them over Akka.NET, and is told on its command line where they are.</summary>
internal static class ProgramOfNodes
{
    /// <summary>Builds it and them, and hands over to it.</summary>
    /// <param name="project">Its project.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="without">What there is not without Akka.NET, for a sentence.</param>
    /// <param name="programs">The options that name the others, and their projects.</param>
    /// <returns>The program's exit code; 1 when something could not be built, 3 when there are no packages to build it with.</returns>
    public static int Start(string project, string[] args, string without, params (string Option, string Project)[] programs)
    {
        var first = ProjectBuild.Program(project);
        if (!first.Succeeded) return Fail(first);
        List<string> arguments = [ProjectBuild.TargetPath(first), .. args];
        if (args.Any(static a => a is "--help" or "-h" or "-?")) return HandedOver.To(arguments);
        foreach (var (option, of) in programs)
        {
            var build = ProjectBuild.Program(of);
            var missing = ProjectBuild.MissingPackages(build);
            if (!build.Succeeded && missing.Count == 0) return Fail(build);
            if (!build.Succeeded)
            {
                var packages = missing.Values.SelectMany(p => p).Distinct().Order(StringComparer.Ordinal);
                Console.Error.WriteLine($"No package feed holds {string.Join(", ", packages)}, and without them there are {without}.");
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
