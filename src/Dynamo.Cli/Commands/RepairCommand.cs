using System.CommandLine;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo repair</c>.</summary>
internal static class RepairCommand
{
    private const string Summary = "Lets nodes compare what they hold with all other owners, and repair what differs.";

    private const string Lesson = """
        Owners of the same keys compare hash trees, find the keys that differ, and both end up with what either knew.
        Nodes do that by themselves, in rounds and some time after a node came back (dynamo.anti-entropy in
        reference.conf); this does it now: after a disk was replaced, an old backup restored, or hints refused.

        A pair is a replica on the node and another owner of the same keys. The cluster serves as usual meanwhile; the
        rate of repairs is limited. Ctrl-C ends the watching, not the repair.

        Examples:
          dynamo repair                 all nodes, until they have finished
          dynamo repair node2           what node2 holds or should hold, compared with its other owners
          dynamo repair --no-wait       begin it, and look later with 'curl http://127.0.0.1:8098/admin/repair'
          dynamo repair --json          one JSON object per node, at the end

        Exit codes:
          0  every node has finished (with --no-wait: begun), and every comparison succeeded
          1  a comparison failed, or an owner could not be reached and was left out
          3  a node did not answer
          4  a node answered that it is down
        """;

    public static Command Create(Session session)
    {
        var names = new Argument<string[]>("NODE")
        {
            Description = "The nodes that begin comparisons; all when none is named.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.Validators.Add(static result =>
        {
            // An option with a slip in it would else pass for the name of a node.
            foreach (var token in result.Tokens.Where(static t => t.Value.StartsWith('-')))
                result.AddError($"'{token.Value}' is no option of repair, and no node.");
        });
        var noWait = new Option<bool>("--no-wait") { Description = "Begin the repair, and do not wait for its end." };
        var command = new TaughtCommand("repair", Summary, Lesson) { names, noWait };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var cluster = await node.Json<ClusterAnswer>("/admin/cluster", cancel);
            List<NodeRepair> repairs =
                [.. Named(cluster, parse.GetValue(names) ?? []).Select(m => new NodeRepair(m, session.Access(parse)))];
            var (terminal, json, waits) = (session.Terminal, session.WantsJson(parse), !parse.GetValue(noWait));
            await (!waits ? Task.WhenAll(repairs.Select(r => r.Begin(cancel)))
                : json || !terminal.IsInteractive ? Task.WhenAll(repairs.Select(r => r.Run(static _ => { }, cancel)))
                : Watch(terminal, repairs, cancel));

            if (json) repairs.ForEach(r => terminal.Json(Document(r)));
            else Show(terminal, repairs, waits);
            return repairs.Max(static r => r.Code);
        });
        return command;
    }

    private static IEnumerable<MemberAnswer> Named(ClusterAnswer cluster, string[] names)
    {
        var stranger = names.FirstOrDefault(name => cluster.Members.All(m => m.Name != name));
        var all = string.Join(", ", cluster.Members.Select(static m => m.Name));
        if (stranger is not null)
            throw new CommandFailure(ExitCode.Usage, $"There is no node {stranger} in the cluster; there are {all}.");
        return names.Length == 0 ? cluster.Members : cluster.Members.Where(m => names.Contains(m.Name));
    }

    private static Task Watch(Terminal terminal, List<NodeRepair> repairs, CancellationToken cancel) => terminal.Pretty
        .Progress()
        .Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(bars => Task.WhenAll(repairs.Select(repair =>
        {
            var bar = bars.AddTask(Markup.Escape(repair.Name));
            return repair.Run(
                r =>
                {
                    bar.MaxValue = Math.Max(1, r.Pairs);
                    bar.Value = r.IsFinished ? bar.MaxValue : r.Pairs - r.Left;
                },
                cancel);
        }).ToList()));

    private static void Show(Terminal terminal, List<NodeRepair> repairs, bool waited)
    {
        var table = new Table().RoundedBorder()
            .AddColumns("node", "pairs", "left", "keys repaired", "failed", "left out");
        foreach (var repair in repairs)
            table.AddRow(
                Markup.Escape(repair.Name), $"{repair.Pairs}", $"{repair.Left}", $"{repair.KeysRepaired}",
                $"{repair.Failed}", $"{repair.LeftOut}");
        terminal.Pretty.Write(table);
        foreach (var repair in repairs)
        {
            if (repair.Trouble is { } trouble) Say(repair, trouble);
            if (repair.Failed > 0)
                Say(repair, $"{repair.Failed} comparisons failed; its storage or that of other owners has trouble.");
            if (repair.LeftOut > 0)
                Say(repair, $"{repair.LeftOut} or more pairs were left out: their other owner could not be reached.");
        }

        if (!waited && repairs.TrueForAll(static r => r.Trouble is null)) terminal.Text.WriteLine("The repair goes on.");

        void Say(NodeRepair repair, string sentence) => terminal.Error.WriteLine($"{repair.Name}: {sentence}");
    }

    private static object Document(NodeRepair repair) => new
    {
        repair.Name,
        Finished = repair.IsFinished,
        repair.Pairs,
        PairsLeft = repair.Left,
        repair.KeysRepaired,
        repair.Failed,
        repair.LeftOut,
        Error = repair.Trouble,
    };
}
