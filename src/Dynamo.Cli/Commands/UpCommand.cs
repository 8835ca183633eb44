using System.CommandLine;
using Dynamo.Cli.Up;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo up</c>.</summary>
internal static class UpCommand
{
    private const string Summary = "Starts a cluster on this machine and keeps it running.";

    private const string Lesson = """
        The nodes are called node1, node2, ...; node i serves HTTP on port http + i - 1 of 127.0.0.1. Once all of them
        answer and reach each other, a line that begins "ready:" is printed. Ctrl-C or SIGTERM stops them cleanly. The
        same --data finds the data again.

        Each node is a process of its own (--node-program) that logs to node.log in its folder and speaks Akka.Remote on
        its HTTP port + 10000. With --embedded, or where there is no node program beside this one, all nodes live in
        this process.

        Examples:
          dynamo up
          dynamo up --nodes 5 --data /tmp/five --embedded
        """;

    private const string NodeProgramName = "Dynamo.Node.dll";

    public static Command Create(Session session)
    {
        var nodes = new Option<int>("--nodes")
        {
            Description = $"How many nodes, 1 to {UpOptions.MaxNodes}.",
            DefaultValueFactory = _ => 3,
            HelpName = "N",
        };
        var http = new Option<int>("--http")
        {
            Description = "The first node's HTTP port.",
            DefaultValueFactory = _ => 8098,
            HelpName = "PORT",
        };
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "The folder that holds one folder per node.",
            DefaultValueFactory = _ => new DirectoryInfo("./data"),
            HelpName = "FOLDER",
        };
        var engine = new Option<string>("--engine")
        {
            Description = "Where values are kept: on disk, on disk behind a buffer that answers first (see dw), or in memory and gone with the process.",
            DefaultValueFactory = _ => "sqlite",
        };
        engine.AcceptOnlyFromAmong("sqlite", "buffered", "memory");
        var partitions = new Option<int>("--partitions")
        {
            Description = "Partitions of the ring, a power of two from 8 to 65536; fixed when the cluster is created.",
            DefaultValueFactory = _ => 256,
            HelpName = "Q",
        };
        var embedded = new Option<bool>("--embedded") { Description = "Run all nodes inside this process." };
        var program = new Option<FileInfo?>("--node-program")
        {
            Description = $"The node program to start; {NodeProgramName} beside this program by default.",
            HelpName = "PATH",
        };
        var command = new TaughtCommand("up", Summary, Lesson, asksNodes: false)
        {
            nodes, http, data, embedded, engine, partitions, program,
        };
        command.SetAction(async (parse, _) =>
        {
            var options = new UpOptions
            {
                Nodes = parse.GetValue(nodes),
                Http = parse.GetValue(http),
                Data = parse.GetValue(data)!.FullName,
                Engine = parse.GetValue(engine)!,
                Partitions = parse.GetValue(partitions),
            };
            if (options.Check() is { Length: > 0 } wrong) throw new CommandFailure(ExitCode.Usage, wrong);
            var output = new UpOutput(session.Terminal, session.WantsJson(parse));
            var nodeProgram = parse.GetValue(embedded) ? null : NodeProgram(parse.GetValue(program), output);
            return await Run(options, nodeProgram, output);
        });
        return command;
    }

    private static async Task<int> Run(UpOptions options, string? program, UpOutput output)
    {
        var indexes = Enumerable.Range(0, options.Nodes);
        List<int> ports = [.. indexes.Select(options.HttpPort)];
        if (program is not null) ports.AddRange(indexes.Select(options.RemotePort));
        if (ports.Max() > 65535)
            throw new CommandFailure(
                ExitCode.Usage,
                $"--http must be at most {65535 - UpOptions.RemoteOffset - options.Nodes + 1}: "
                + $"each node also listens on its HTTP port + {UpOptions.RemoteOffset}.");
        if (Ports.InUse(ports) is { } sentence) throw new CommandFailure(ExitCode.Failure, sentence);
        using var stop = new StopSignal();
        if (program is null) return await EmbeddedUp.Run(options, output, stop.Token);
        MakeFolder(options.Data);
        await using var cluster = new AkkaUp(program, options, output);
        return await cluster.Run(stop.Token);
    }

    private static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failure, $"The data folder cannot be made: {e.Message}");
        }
    }

    /// <summary>The node program to start; null when the nodes are to live in this process.</summary>
    private static string? NodeProgram(FileInfo? named, UpOutput output)
    {
        if (named is { Exists: false }) throw new CommandFailure(ExitCode.Usage, $"There is no {named.FullName}.");
        if (named is not null) return named.FullName;
        var beside = Path.Combine(AppContext.BaseDirectory, NodeProgramName);
        if (File.Exists(beside)) return beside;
        output.Say($"There is no {NodeProgramName} beside this program: starting the embedded cluster.");
        return null;
    }
}
