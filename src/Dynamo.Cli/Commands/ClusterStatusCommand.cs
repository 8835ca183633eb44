using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo cluster status</c>.</summary>
internal static class ClusterStatusCommand
{
    private const string Summary = "Shows the members, what is staged, and how far a change has come.";

    private const string Lesson = """
        Steps of a node on the way to the coming ring, as far as the asked node knows:
          unaware    has not said that it knows of the change; nothing is copied until it does
          aware      knows of it, and writes under both rings
          copying    copies what it gains, or compares it
          complete   holds all that it gains
          switched   reads by the coming ring
          settled    works by the newest ring alone
          gone       is removed or replaced, and asked nothing any more
          leaving    is in no ring any more, and hands over what it still holds

        Under 'left' stands what each node says of itself: pairs of a partition and another owner that it still copies
        from, or, once the ring is settled, compares with before rows go that it lost. '-' is a node that does not answer.

        Examples:
          dynamo cluster status
          dynamo cluster status --json
        """;

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("status", Summary, Lesson);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var document = await node.Json(ClusterCommand.Path, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(document);
            else await Show(session.Terminal, node, session.Access(parse), document, cancel);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The membership of an answer.</summary>
    /// <exception cref="CommandFailure">The node does not tell it.</exception>
    public static MembershipDocument Membership(ClusterMembershipAnswer answer) => answer.Membership
        ?? throw new CommandFailure(ExitCode.Unavailable, $"{answer.Self} cannot say how its membership stands.");

    private static async Task Show(
        Terminal terminal, NodeClient node, NodeAccess? access, JsonNode document, CancellationToken cancel)
    {
        var cluster = node.Shape<ClusterMembershipAnswer>(document, ClusterCommand.Path);
        var membership = Membership(cluster);
        var moving = membership.Next is not null || membership.Nodes.Any(static row => row.Step == "leaving");
        var own = await new Settling(node, access).Look(cluster.Self, membership, cancel);
        var (left, busy) = (own.Sum(static at => at.TransfersLeft ?? 0), own.Count(static at => at.TransfersLeft > 0));
        terminal.Text.WriteLine($"cluster {cluster.Name}, id {cluster.Id}, as {cluster.Self} knows it");
        var table = new Table().RoundedBorder().AddColumns("node", "reachable", "zone", "weight", "partitions");
        if (moving) table.AddColumns("then", "step");
        if (moving || left > 0) table.AddColumn("left");
        foreach (var (row, at) in membership.Nodes.Zip(own))
        {
            List<string> cells =
            [
                Markup.Escape(row.Name), row.Reachable ? "[green]yes[/]" : "[red]no[/]", Markup.Escape(row.Zone),
                PlanOutput.Change(row.Weight, row.WeightNext), $"{row.Partitions}",
            ];
            if (moving) cells.AddRange([$"{row.PartitionsNext}", Markup.Escape(row.Step)]);
            if (moving || left > 0) cells.Add(at.TransfersLeft is { } transfers ? $"{transfers}" : "-");
            table.AddRow([.. cells]);
        }

        terminal.Pretty.Write(table);
        terminal.Text.WriteLine(membership.Next is { } next
            ? $"Ring {next.Version} is coming; {Transfers(left, busy)}."
            : $"Ring {membership.Settled.Version} is settled{(left > 0 ? $"; {Transfers(left, busy)}" : "")}.");
        if (membership.Absence is { Length: > 0 } absence) terminal.Text.WriteLine($"! {absence}");
        foreach (var sentence in (membership.Next ?? membership.Settled).Violations) terminal.Text.WriteLine($"! {sentence}");
        if (membership.Staged.Count == 0) return;
        terminal.Text.WriteLine($"Staged at {cluster.Self}:");
        foreach (var change in membership.Staged) terminal.Text.WriteLine($"  {change.Sentence}{PlanOutput.By(change)}");
    }

    private static string Transfers(int left, int nodes) =>
        $"{left} {(left == 1 ? "transfer is" : "transfers are")} left at {nodes} {(nodes == 1 ? "node" : "nodes")}";
}
