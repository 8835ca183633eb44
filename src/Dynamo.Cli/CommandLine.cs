using System.CommandLine;
using System.CommandLine.Invocation;
using Dynamo.Cli.Commands;

namespace Dynamo.Cli;

/// <summary>The whole command line: the root, its commands and what happens when it is not understood.</summary>
internal static class CommandLine
{
    private const string Summary = "Talks to a Dynamo key-value cluster, and starts one on this machine.";

    private const string Lesson = """
        A first minute:
          dynamo up                                     start three nodes here; leave it running
          dynamo put carts alice "milk, bread"          store a value under bucket carts, key alice
          dynamo get carts alice                        read it back, byte for byte
          dynamo counter visits home --add 1            count something
          dynamo status                                 see the nodes, their keys and waiting hints
          dynamo preflist carts alice                   see which nodes hold the key
          dynamo cluster status                         see the membership; 'dynamo cluster --help' changes it

        Everything but 'up' asks one node over HTTP; any node will do. 'dynamo COMMAND --help' has examples.

        Exit codes:
          0  done
          1  the answer is no: not found, refused, or a cluster that did not start
          2  the command line was not understood
          3  no node answered at the address
          4  the node cannot do it now: too few replicas, a time-out, or too many requests
        """;

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(IReadOnlyList<string> args, Terminal terminal)
    {
        var parse = Root(terminal).Parse(args);
        if (parse.Errors.Count > 0 && parse.Action is ParseErrorAction)
        {
            foreach (var error in parse.Errors) await terminal.Error.WriteLineAsync(error.Message);
            await terminal.Error.WriteLineAsync($"'{NameOf(parse.CommandResult)} --help' explains.");
            return ExitCode.Usage;
        }

        try
        {
            // Termination is left to the system: one request may die at any time, and 'up' listens for signals itself.
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Text,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (CommandFailure failure)
        {
            await terminal.Error.WriteLineAsync(failure.Message);
            return failure.ExitCode;
        }
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(Summary);
        var session = new Session(terminal);
        TeachingHelp.Install(root, Lesson, session.ForNodes);
        root.Options.Add(session.Json);
        foreach (var option in session.ForNodes) root.Options.Add(option);
        root.Subcommands.Add(UpCommand.Create(session));
        root.Subcommands.Add(GetCommand.Create(session));
        root.Subcommands.Add(PutCommand.Create(session));
        root.Subcommands.Add(DeleteCommand.Create(session));
        root.Subcommands.Add(CounterCommand.Create(session));
        root.Subcommands.Add(StatusCommand.Create(session));
        root.Subcommands.Add(ClusterCommand.Create(session));
        root.Subcommands.Add(RingCommand.Create(session));
        root.Subcommands.Add(PreflistCommand.Create(session));
        root.Subcommands.Add(KeysCommand.Create(session));
        root.Subcommands.Add(BucketsCommand.Create(session));
        root.Subcommands.Add(PropsCommand.Create(session));
        root.Subcommands.Add(RepairCommand.Create(session));
        root.Subcommands.Add(BackupCommand.Create(session));
        root.Subcommands.Add(RestoreCommand.Create(session));
        root.Subcommands.Add(DoctorCommand.Create(session));
        root.Subcommands.Add(CompletionCommand.Create(session));
        root.Subcommands.Add(SimulateCommand.Create(session));
        root.Subcommands.Add(PaperCommand.Create(session));
        root.Subcommands.Add(CertificatesCommand.Create(session));
        root.Subcommands.Add(BenchCommand.Create(session));
        return root;
    }

    private static string NameOf(System.CommandLine.Parsing.CommandResult? result)
    {
        List<string> names = [];
        for (; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Insert(0, result.Command is RootCommand ? "dynamo" : result.Command.Name);
        return string.Join(' ', names);
    }
}
