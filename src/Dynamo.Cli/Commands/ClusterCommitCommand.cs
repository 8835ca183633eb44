using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo cluster commit</c>.</summary>
internal static class ClusterCommitCommand
{
    private const string Summary = "Commits the staged changes; the cluster serves as before meanwhile.";

    private const string Lesson = """
        What was committed cannot be taken back, only changed again. With --based-on it is exactly the plan that was looked
        at: refused when anything was staged or committed since. Ctrl-C ends the watching, not the change.

        Examples:
          dynamo cluster commit
          dynamo cluster commit --based-on 0c8ff1b5c3d2a901
          dynamo cluster commit --wait            watch until every node works by the new ring
        """;

    public static Command Create(Session session)
    {
        var basedOn = new Option<string>("--based-on") { Description = "The mark that the plan showed.", HelpName = "MARK" };
        var wait = new Option<bool>("--wait") { Description = "Wait until every node works by the new ring alone." };
        var command = new TaughtCommand("commit", Summary, Lesson) { basedOn, wait };
        session.Bind(command, async (parse, node, cancel) =>
        {
            const string path = ClusterCommand.Path + "/commit";
            var mark = parse.GetValue(basedOn);
            var document = await node.Json(
                HttpMethod.Post, path, mark is null ? null : new JsonObject { ["based_on"] = mark }, cancel);
            var (terminal, json) = (session.Terminal, session.WantsJson(parse));
            if (!json) PlanOutput.Summarize(terminal, node.Shape<PlanDocument>(document, path));
            if (parse.GetValue(wait))
            {
                var settling = new Settling(node, session.Access(parse));
                await (json ? settling.Run(static _ => { }, cancel)
                    : terminal.IsInteractive ? Watch(terminal, settling, cancel)
                    : settling.Run(new Steps(terminal).Show, cancel));
                if (!json) terminal.Text.WriteLine("Settled: every node works by the new ring.");
            }

            if (!json) return ExitCode.Success;
            document["settled"] = parse.GetValue(wait);
            terminal.Json(document);
            return ExitCode.Success;
        });
        return command;
    }

    private static Task Watch(Terminal terminal, Settling settling, CancellationToken cancel) => terminal.Pretty
        .Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn())
        .StartAsync(bars =>
        {
            var known = new Dictionary<string, ProgressTask>();
            return settling.Run(
                standings =>
                {
                    foreach (var at in standings)
                    {
                        if (!known.TryGetValue(at.Name, out var bar)) known[at.Name] = bar = bars.AddTask("", maxValue: 1);
                        bar.Description = Markup.Escape(at.ToString());
                        bar.MaxValue = Math.Max(bar.MaxValue, at.TransfersLeft ?? 0);
                        var left = at.Step == "unaware" ? bar.MaxValue : at.TransfersLeft ?? bar.MaxValue;
                        bar.Value = at.IsSettled ? bar.MaxValue : bar.MaxValue - left;
                    }
                },
                cancel);
        });

    /// <summary>Where nobody watches: a line for a node whenever it has made a step.</summary>
    private sealed class Steps(Terminal terminal)
    {
        private readonly Dictionary<string, string> _last = [];

        public void Show(IReadOnlyList<NodeAtStep> standings)
        {
            foreach (var at in standings)
            {
                if (_last.GetValueOrDefault(at.Name) == at.Step) continue;
                _last[at.Name] = at.Step;
                terminal.Text.WriteLine(at.ToString());
            }
        }
    }
}
