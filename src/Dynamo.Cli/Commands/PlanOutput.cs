using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary>Prints a plan for a person.</summary>
internal static class PlanOutput
{
    // Who sends what to whom in a large cluster fills screens; --json has all of it.
    private const int MostMoves = 24;

    /// <summary>All of a plan: changes, nodes, moves, what gives way, warnings, and its mark.</summary>
    public static void Show(Terminal terminal, PlanDocument plan)
    {
        if (plan.Changes.Count == 0)
        {
            terminal.Text.WriteLine("Nothing is staged that would have an effect.");
            Warn(terminal, plan);
            return;
        }

        foreach (var change in plan.Changes) terminal.Text.WriteLine($"{change.Sentence}{By(change)}");
        var nodes = new Table().RoundedBorder().AddColumns("node", "", "zone", "weight", "partitions now", "after");
        foreach (var row in plan.Nodes)
            nodes.AddRow(
                Markup.Escape(row.Name), row.State == "staying" ? "" : Markup.Escape(row.State), Markup.Escape(row.Zone),
                Change(row.Weight, row.WeightNext), $"{row.Partitions}", $"{row.PartitionsNext}");
        terminal.Pretty.Write(nodes);
        terminal.Text.WriteLine(Moves(plan));
        if (plan.Moves.Count > 0)
        {
            var moves = new Table().RoundedBorder().AddColumns("from", "to", "replicas", "keys, about", "bytes, about");
            foreach (var move in plan.Moves.Take(MostMoves))
                moves.AddRow(
                    Markup.Escape(move.From ?? "nobody"), Markup.Escape(move.To), $"{move.Replicas}", About(move.Keys), About(move.Bytes));
            terminal.Pretty.Write(moves);
            if (plan.Moves.Count > MostMoves)
                terminal.Text.WriteLine($"{plan.Moves.Count - MostMoves} more pairs of nodes are in --json.");
        }

        Warn(terminal, plan);
        terminal.Text.WriteLine($"Do exactly this with: dynamo cluster commit --based-on {plan.BasedOn}");
    }

    /// <summary>A plan that has been committed, in a few lines.</summary>
    public static void Summarize(Terminal terminal, PlanDocument plan)
    {
        foreach (var change in plan.Changes) terminal.Text.WriteLine($"Committed: {change.Sentence}");
        terminal.Text.WriteLine(Moves(plan));
        Warn(terminal, plan);
    }

    /// <summary>A number, or both when it changes.</summary>
    public static string Change(int now, int then) => now == then ? $"{now}" : $"{now} -> {then}";

    /// <summary>Who asked for a change, where that is known.</summary>
    public static string By(ChangeDocument change) => string.IsNullOrEmpty(change.By) ? "" : $" ({change.By})";

    private static string Moves(PlanDocument plan)
    {
        var size = plan.ReplicasMoved > 0 && plan is { BytesMoved: { } bytes, KeysMoved: { } keys }
            ? $", about {About(bytes)} bytes in {About(keys)} keys, as the asked node estimates by what it holds itself"
            : "";
        return $"{Count(plan.PartitionsMoved, "partition gets", "partitions get")} another owner; "
            + $"{Count(plan.ReplicasMoved, "replica is", "replicas are")} copied{size}.";
    }

    private static string Count(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count} {many}";

    private static string About(long? number) => number is { } known ? FormattableString.Invariant($"{known:N0}") : "-";

    private static void Warn(Terminal terminal, PlanDocument plan)
    {
        foreach (var sentence in plan.Violations.Concat(plan.Warnings)) terminal.Text.WriteLine($"! {sentence}");
    }
}
