using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Cli.Diagnosis;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo doctor</c>.</summary>
internal static class DoctorCommand
{
    private const string Summary = "Looks a node's configuration and machine over, before it is started or when something is odd.";

    private const string Lesson = """
        It asks the node program what the configuration comes to, and holds that against this machine: whether the settings are
        sound, ports are free, the data folder is this node's and can be written and flushed, how much disk and how many open
        files there are, what is missing to keep strangers out, and whether the other members can be reached. With --url it
        also compares clocks and versions with a cluster that runs. Run it as the user that the node runs as.

        Examples:
          dynamo doctor --config config/production.conf
          dynamo doctor --config node.conf --url http://10.0.1.11:8098 --token SECRET
          dynamo doctor --config node.conf --json

        Exit codes:
          0  nothing failed; warnings are allowed
          1  something failed: the node would not start or not work
        """;

    public static Command Create(Session session)
    {
        var config = new Option<FileInfo>("--config") { Description = "The node's configuration.", HelpName = "FILE", Required = true };
        var settings = new Option<string[]>("--set") { Description = "One setting that overrides the file.", HelpName = "KEY=VALUE" };
        var program = new Option<FileInfo?>("--node-program") { Description = "The node program; Dynamo.Node.dll beside this program by default.", HelpName = "PATH" };
        var command = new TaughtCommand("doctor", Summary, Lesson) { config, settings, program };
        command.SetAction(async (parse, cancel) =>
        {
            var node = parse.GetValue(program)?.FullName ?? Path.Combine(AppContext.BaseDirectory, "Dynamo.Node.dll");
            if (!File.Exists(node)) throw new CommandFailure(ExitCode.Usage, $"There is no {node}; --node-program says where it is.");
            var findings = new List<Finding>();
            if (await Check(node, parse.GetValue(config)!.FullName, parse.GetValue(settings) ?? [], findings, cancel) is { } facts)
                findings.AddRange(await MachineChecks.Of(facts, cancel));
            // Without --url there is no cluster to compare with; the standard address might be anybody's.
            if (parse.GetResult(session.Url) is { Implicit: false })
                findings.AddRange(await ClusterChecks.Of(parse.GetValue(session.Url)!, session.Access(parse), cancel));
            if (session.WantsJson(parse)) session.Terminal.Json(findings);
            else Show(session.Terminal, findings);
            return findings.Exists(static f => f.Level == "fail") ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<JsonObject?> Check(
        string node, string config, string[] settings, List<Finding> findings, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(node.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet"
            : node) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (node.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)) start.ArgumentList.Add(node);
        foreach (var argument in (string[])["--check", "--json", "--config", config]) start.ArgumentList.Add(argument);
        foreach (var setting in settings)
        {
            start.ArgumentList.Add("-D");
            start.ArgumentList.Add(setting);
        }

        using var process = Process.Start(start)!;
        var (text, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode == 0 && JsonNode.Parse(await text) is JsonObject facts)
        {
            findings.Add(Finding.Ok("configuration", $"{config} is sound: {facts["node"]} of cluster {facts["cluster"]}."));
            return facts;
        }

        foreach (var line in (await error).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            findings.Add(Finding.Fail("configuration", line, "Mend the setting; src/Dynamo.Actors/reference.conf explains each."));
        if (findings.Count == 0) findings.Add(Finding.Fail("configuration", $"{node} ended with {process.ExitCode} and said nothing.", "Start it by hand."));
        return null;
    }

    private static void Show(Terminal terminal, List<Finding> findings)
    {
        foreach (var finding in findings)
        {
            var colour = finding.Level switch { "ok" => "green", "warn" => "yellow", _ => "red" };
            terminal.Pretty.MarkupLine($"[{colour}]{finding.Level,-4}[/] {Markup.Escape($"{finding.What}: {finding.Sentence} {finding.Advice}".TrimEnd())}");
        }
    }
}
