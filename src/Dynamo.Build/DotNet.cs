using System.Diagnostics;

namespace Dynamo.Build;

/// <summary>What a run of the SDK left.</summary>
/// <param name="ExitCode">The process's exit code; null when it was stopped because its time was up.</param>
/// <param name="Lines">Everything it printed, standard error included.</param>
internal sealed record DotNetRun(int? ExitCode, IReadOnlyList<string> Lines)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The distinct lines that report an error, or every line when none does.</summary>
    public IReadOnlyList<string> Errors()
    {
        // MSBuild repeats each error in its summary, with spaces in front.
        List<string> errors =
            [.. Lines.Where(line => line.Contains(": error ")).Select(line => line.Trim()).Distinct()];
        return errors.Count > 0 ? errors : Lines;
    }
}

/// <summary>Starts the SDK and keeps what it says, so that only errors reach the terminal.</summary>
internal static class DotNet
{
    /// <summary>The SDK's host that runs this program, so that no other one on the path is mixed in.</summary>
    public static string Host { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path
        ? path
        : "dotnet";

    /// <summary>Runs <c>dotnet</c> in the checkout and waits for it.</summary>
    public static DotNetRun Run(TimeSpan limit, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Host, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Error codes are read from the text, and no build server may outlive the command or hold its output open.
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDTERMINALLOGGER"] = "off";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";

        var lines = new List<string>();
        void Keep(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is null) return;
            lock (lines) lines.Add(e.Data);
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExit(limit);
        if (!ended) process.Kill(entireProcessTree: true);
        // The overload without a limit also waits until both streams are read to their end.
        process.WaitForExit();
        lock (lines) return new DotNetRun(ended ? process.ExitCode : null, [.. lines]);
    }
}
