namespace Dynamo.Node;

/// <summary>What the program was started with.</summary>
internal sealed record CommandLine(string? Config, IReadOnlyList<string> Assignments, bool Check, bool Json, bool Help)
{
    public const string HelpText = """
        Dynamo.Node [--config FILE] [-D key=value]... [--check]: one node of a Dynamo cluster.

          --config FILE   a HOCON file; config/node.conf explains the settings that every node needs
          -D key=value    one setting, such as -D dynamo.node.name=node1; overrides the file
          --check         checks the configuration and ends
          --json          with --check: what was read, as JSON

        Ends with 0 after SIGTERM or Ctrl-C, when requests under way are answered (a second signal ends at once),
         2: wrong configuration, 3: port in use, 4: data folder not to be used.
        """;

    /// <summary>Reads the arguments; <paramref name="error"/> is one sentence when null is returned.</summary>
    public static CommandLine? Parse(string[] args, out string error)
    {
        error = "";
        string? config = null;
        var assignments = new List<string>();
        var (check, json, help) = (false, false, false);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--check") check = true;
            else if (args[i] is "--json") json = true;
            else if (args[i] is "--help" or "-h" or "-?") help = true;
            else if (args[i] is "--config" && i + 1 < args.Length) config = args[++i];
            else if (args[i] is "-D" && i + 1 < args.Length) assignments.Add(args[++i]);
            else if (args[i].StartsWith("-D", StringComparison.Ordinal)) assignments.Add(args[i][2..]);
            else
            {
                error = $"{args[i]} is not understood; --help shows what is.";
                return null;
            }
        }

        return new CommandLine(config, assignments, check, json, help);
    }
}
