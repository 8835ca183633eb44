using System.CommandLine;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo cluster plan</c>.</summary>
internal static class ClusterPlanCommand
{
    private const string Summary = "Shows what committing the staged changes would do.";

    private const string Lesson = """
        The ring after the commit is computed by the same rules, so nothing else will happen. Lines that begin with '!' are
        to be thought about first: what gives way in the placement, and warnings.

        The plan's mark (based on) lets 'commit --based-on' refuse when anything has changed since.

        Examples:
          dynamo cluster plan
          dynamo cluster plan --json
        """;

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("plan", Summary, Lesson);
        session.Bind(command, async (parse, node, cancel) =>
        {
            const string path = ClusterCommand.Path + "/plan";
            var document = await node.Json(path, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(document);
            else PlanOutput.Show(session.Terminal, node.Shape<PlanDocument>(document, path));
            return ExitCode.Success;
        });
        return command;
    }
}
