using System.Diagnostics;

namespace Dynamo.Chaos.Beds;

/// <summary>Runs the system's own tools.</summary>
internal static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs a tool; throws with what it said when it fails.</summary>
    public static void Run(string tool, params string[] arguments)
    {
        if (Try(tool, arguments) is { } error) throw new ChaosException($"{tool} {string.Join(' ', arguments)} failed: {error}");
    }

    /// <summary>Runs a tool; null when it succeeded, else what it said.</summary>
    public static string? Try(string tool, params string[] arguments) => Try(out _, tool, arguments);

    /// <summary>Runs a tool; null when it succeeded, else what it said.</summary>
    /// <param name="output">What it wrote to standard output.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">What it is told.</param>
    public static string? Try(out string output, string tool, params string[] arguments)
    {
        output = "";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments)
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var said = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                return "it does not end.";
            }

            output = said.Result;
            return process.ExitCode == 0 ? null : $"{error}{output}".Trim();
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            return fault.Message;
        }
    }
}
