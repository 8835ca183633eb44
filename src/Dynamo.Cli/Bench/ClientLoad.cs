using System.Diagnostics;
using System.Text.Json;
using Dynamo.Cli.Up;

namespace Dynamo.Cli.Bench;

/// <summary>
/// A benchmark over Dynamo.Client, in a process of its own: this tool does without Akka.NET. It is a program of the checkout
/// (tests/Dynamo.Actors.Benchmarks) whose last line of output is its report.
/// </summary>
internal sealed class ClientLoad(string program, Terminal terminal, bool isJson)
{
    /// <summary>What it is called.</summary>
    public const string ProgramName = "Dynamo.Actors.Benchmarks.dll";

    /// <summary>Carries it out; success when anything was answered and nothing failed.</summary>
    /// <exception cref="CommandFailure">The program ended without a report.</exception>
    public async Task<int> Run(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        string[] command = [.. isAssembly ? [program] : Array.Empty<string>(), "client-bench", .. arguments];
        using var process = Process.Start(new ProcessStartInfo(isAssembly ? host : program, command) { RedirectStandardOutput = true })!;
        using var stop = cancel.Register(() => Signals.Terminate(process));
        string? report = null;
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            if (line.StartsWith('{')) report = line;
        await process.WaitForExitAsync(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        if (report is null)
            throw new CommandFailure(ExitCode.Failure, $"{program} ended with exit code {process.ExitCode} and without a report.");
        using var json = JsonDocument.Parse(report);
        if (isJson) terminal.Text.WriteLine(report);
        else Tell(json.RootElement);
        var measured = json.RootElement.GetProperty("measured");
        var hasFailed = measured.GetProperty("errors").EnumerateObject().Any();
        return measured.TryGetProperty("all", out _) && !hasFailed ? ExitCode.Success : ExitCode.Failure;
    }

    private void Tell(JsonElement report)
    {
        var measured = report.GetProperty("measured");
        var (seconds, ops) = (measured.GetProperty("seconds").GetDouble(), measured.GetProperty("ops_per_second").GetDouble());
        var line = FormattableString.Invariant($"over Dynamo.Client, {seconds:0} s: {ops:0} ops/s");
        foreach (var error in measured.GetProperty("errors").EnumerateObject()) line += $"; {error.Value} {error.Name}";
        terminal.Text.WriteLine(line);
        foreach (var kind in (string[])["gets", "puts"])
        {
            if (!measured.TryGetProperty(kind, out var took)) continue;
            LatencyPlot.Draw(terminal, kind, ("p50", At("p50_ms")), ("p99", At("p99_ms")), ("p99.9", At("p999_ms")), ("max", At("max_ms")));

            double At(string name) => took.GetProperty(name).GetDouble();
        }

        var processor = report.GetProperty("client_cpu_seconds").GetDouble();
        terminal.Text.WriteLine(FormattableString.Invariant($"the client's process took {processor:0.00} s of a processor"));
    }
}
