using System.CommandLine;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo preflist</c>.</summary>
internal static class PreflistCommand
{
    private const string Summary = "Shows a key's preference list: the nodes that hold it.";

    private const string Lesson = """
        First come the primaries in ring order, then the nodes that stand in for one that cannot be reached. Nothing is
        read: the key need not exist.

        Examples:
          dynamo preflist carts alice
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var key = KeyArguments.Key();
        var command = new TaughtCommand("preflist", Summary, Lesson) { bucket, key };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var (b, k) = (Uri.EscapeDataString(parse.GetValue(bucket)!), Uri.EscapeDataString(parse.GetValue(key)!));
            var answer = await node.Json<PreferenceListAnswer>($"/admin/preflist/{b}/{k}", cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(answer);
            else Show(session.Terminal, answer);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Terminal terminal, PreferenceListAnswer answer)
    {
        var table = new Table().RoundedBorder().AddColumns("", "node", "role", "reachable");
        foreach (var node in answer.Primaries) Add(node, "primary");
        foreach (var node in answer.Fallbacks) Add(node, "fallback");
        terminal.Text.WriteLine($"position {answer.Position}, partition {answer.Partition}, n_val {answer.NVal}");
        terminal.Pretty.Write(table);

        void Add(PreferredNode node, string role)
        {
            var place = $"{table.Rows.Count + 1}";
            table.AddRow(place, Markup.Escape(node.Node), role, node.Reachable ? "[green]yes[/]" : "[red]no[/]");
        }
    }
}
