using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo status</c>.</summary>
internal static class StatusCommand
{
    private const string Summary = "Shows the nodes, what is wrong with them, and what to do about it.";

    private const string Lesson = """
        Who is reachable is what the asked node sees; the rest is what each node says about itself. Hints are writes
        kept for nodes that were away, and are handed over when they return.

        At the end stands what to do, the worst first, or "Nothing to do.".

        Examples:
          dynamo status
          dynamo status --url http://127.0.0.1:8099 --json

        Exit codes:
          0  nothing to do
          1  something is wrong; the list says what to do
          3  no node answered at the address
        """;

    // A node that hangs must not hold the whole table.
    private static readonly TimeSpan NodeLimit = TimeSpan.FromSeconds(5);

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("status", Summary, Lesson);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var cluster = await node.Json<ClusterAnswer>("/admin/cluster", cancel);
            var rows = await Task.WhenAll(cluster.Members.Select(m => Ask(m, session.Access(parse), cancel)));
            var actions = StatusActions.Of(cluster, [.. rows.Select(static r => (r.Member, r.Own, r.Trouble))]);
            if (session.WantsJson(parse))
                session.Terminal.Json(new { cluster.Name, cluster.Id, Nodes = rows.Select(Document), Actions = actions });
            else
                Show(session.Terminal, cluster, rows, actions);
            return actions.Count == 0 ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static async Task<Row> Ask(MemberAnswer member, NodeAccess? access, CancellationToken cancel)
    {
        if (!Uri.TryCreate(member.Url, UriKind.Absolute, out var url)) return new Row(member, null, null);
        try
        {
            using var client = new NodeClient(url, access, NodeLimit);
            return new Row(member, await client.Json("/admin/node", cancel), null);
        }
        catch (CommandFailure failure)
        {
            return new Row(member, null, failure.Message);
        }
    }

    private static void Show(Terminal terminal, ClusterAnswer cluster, IReadOnlyList<Row> rows, IReadOnlyList<string> actions)
    {
        var table = new Table().RoundedBorder()
            .AddColumns("node", "reachable", "url", "runtime", "share", "keys", "tombstones", "hints", "storage");
        foreach (var row in rows)
            table.AddRow(
                Markup.Escape(row.Member.Name),
                row.Member.Reachable ? "[green]yes[/]" : "[red]no[/]",
                Markup.Escape(row.Member.Url),
                Cell(row.Own?["runtime"]),
                $"{row.Member.Share}",
                Cell(row.Own?["keys"]),
                Cell(row.Own?["tombstones"]),
                Hints(row.Own?["hints"] as JsonObject),
                Storage(row.Own?["storage"]));
        terminal.Text.WriteLine($"cluster {cluster.Name}, id {cluster.Id}");
        if (cluster.Membership?.Absence is { Length: > 0 } absence) terminal.Text.WriteLine($"! {absence}");
        terminal.Pretty.Write(table);
        // That a node which is known to be away does not answer is no news.
        foreach (var row in rows.Where(r => r.Trouble is not null && r.Member.Reachable))
            terminal.Error.WriteLine($"{row.Member.Name}: {row.Trouble}");
        foreach (var note in StatusActions.Notes(cluster)) terminal.Text.WriteLine(note);
        if (actions.Count == 0) terminal.Text.WriteLine("Nothing to do.");
        for (var i = 0; i < actions.Count; i++) terminal.Text.WriteLine($"{i + 1}. {actions[i]}");
    }

    private static string Cell(JsonNode? value) => Markup.Escape(value?.ToString() ?? "-");

    private static string Hints(JsonObject? byOwner)
    {
        if (byOwner is null) return "-";
        var waiting = byOwner
            .Where(h => h.Value is not null && h.Value.ToString() != "0")
            .Select(h => $"{h.Value} for {h.Key}")
            .ToList();
        return waiting.Count == 0 ? "0" : Markup.Escape(string.Join(", ", waiting));
    }

    private static string Storage(JsonNode? storage)
    {
        if (storage is not JsonObject about) return Cell(storage);
        return about["error"]?.ToString() is { Length: > 0 } error
            ? $"[red]{Markup.Escape(error)}[/]"
            : Cell(about["engine"]);
    }

    private static object Document(Row row) => new
    {
        row.Member.Name,
        row.Member.Weight,
        row.Member.Zone,
        row.Member.Share,
        row.Member.Reachable,
        row.Member.Url,
        // The node's own account, as it gave it; null when it gave none.
        Status = row.Own,
        Error = row.Trouble,
    };

    /// <param name="Member">The member, as the asked node sees it.</param>
    /// <param name="Own">The member's own account; null when it did not answer.</param>
    /// <param name="Trouble">Why it did not answer; null when it did or has no address.</param>
    private sealed record Row(MemberAnswer Member, JsonNode? Own, string? Trouble);
}
