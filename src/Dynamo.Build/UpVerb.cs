using System.Diagnostics;
using System.Runtime.InteropServices;
using Dynamo.Cli.Up;

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
        List<string> arguments = [TargetPath(tool), "up", .. args];
        if (!args.Any(a => a is "--embedded" or "--node-program" or "--help" or "-h" or "-?"))
        {
            var node = ProjectBuild.Program("src/Dynamo.Node/Dynamo.Node.csproj");
            var missing = ProjectBuild.MissingPackages(node);
            if (!node.Succeeded && missing.Count == 0) return Fail(node);
            if (node.Succeeded) arguments.AddRange(["--node-program", TargetPath(node)]);
            else
            {
                var packages = missing.Values.SelectMany(p => p).Distinct().Order(StringComparer.Ordinal);
                Console.WriteLine(
                    $"No package feed holds {string.Join(", ", packages)}: starting the embedded cluster.");
                arguments.Add("--embedded");
            }
        }

        return HandOver(arguments);
    }

    private static string TargetPath(DotNetRun build) => build.Lines[^1].Trim();

    private static int Fail(DotNetRun build)
    {
        foreach (var line in build.Errors()) Console.Error.WriteLine(line);
        return 1;
    }

    // The tool inherits the terminal and the user's folder. Signals are passed on and this process outlives them, so
    // that whoever started it waits for the cluster's own clean stop and sees the tool's exit code.
    private static int HandOver(List<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(DotNet.Host, arguments))!;
        // A terminal sends Ctrl-C to the whole group, so the tool has it already; SIGTERM is for this process alone.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Signals.Terminate(process);
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
