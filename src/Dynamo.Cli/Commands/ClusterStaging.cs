using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo cluster join|leave|remove|replace|weight|clear</c>: what stages changes, and what forgets them.</summary>
internal static class ClusterStaging
{
    private const int MaxWeight = 1024;

    private const string Next = """
        It takes effect only when it is committed: 'dynamo cluster plan' shows what it would do, 'dynamo cluster commit'
        does it. Both go to the node at which it was staged.
        """;

    public static Command Join(Session session)
    {
        var (node, by) = (Node("The new node."), By());
        var weight = new Option<int>("--weight")
        {
            Description = $"Its capacity relative to the others, 1 to {MaxWeight}.", HelpName = "N", DefaultValueFactory = static _ => 1,
        };
        weight.Validators.Add(static result => CheckWeight(result, result.Tokens));
        var zone = new Option<string>("--zone")
        {
            Description = "The rack, room or data centre it stands in; replicas of a key are spread over zones.", HelpName = "ZONE",
        };
        var command = new TaughtCommand("join", "Stages that a new node becomes a member and takes its share.", $"""
            In an embedded cluster ('dynamo up --embedded') the commit starts the node, on the next port. Elsewhere it must
            run, or be started soon, with the first members of the cluster in its configuration, not itself among them:
            nothing is copied before it answers, and later changes wait as well.

            {Next}

            Examples:
              dynamo cluster join node4
              dynamo cluster join node4 --weight 2 --zone room-b
            """) { node, weight, zone, by };
        return Bind(session, command, "join", by, parse => new JsonObject
        {
            ["node"] = parse.GetValue(node), ["weight"] = parse.GetValue(weight), ["zone"] = parse.GetValue(zone) ?? "",
        });
    }

    public static Command Leave(Session session)
    {
        var (node, by) = (Node("The member."), By());
        var command = new TaughtCommand("leave", "Stages that a member hands everything over and goes.", $"""
            Stop the node when the change is settled, not before; it takes part in it. One that is dead is removed.

            {Next}

            Examples:
              dynamo cluster leave node2
            """) { node, by };
        return Bind(session, command, "leave", by, parse => new JsonObject { ["node"] = parse.GetValue(node) });
    }

    public static Command Remove(Session session)
    {
        var (node, by) = (Node("The member."), By());
        var force = new Option<bool>("--force") { Description = "Remove it though it answers. What only it holds is lost." };
        var command = new TaughtCommand("remove", "Stages that a member which is dead goes.", $"""
            Its replicas come from the other nodes that hold them. One that is alive should leave, so that what only it
            holds is handed over.

            {Next}

            Examples:
              dynamo cluster remove node2
            """) { node, force, by };
        return Bind(session, command, "remove", by, parse => new JsonObject
        {
            ["node"] = parse.GetValue(node), ["force"] = parse.GetValue(force),
        });
    }

    public static Command Replace(Session session)
    {
        var (old, by) = (Node("The member that goes, alive or dead.", "OLD"), By());
        var newcomer = Node("The new node.", "NEW");
        var command = new TaughtCommand("replace", "Stages that a new node takes exactly the place of a member.", $"""
            The new node gets the partitions, the weight and the zone of the old one, and nothing else moves.

            {Next}

            Examples:
              dynamo cluster replace node2 node7
            """) { old, newcomer, by };
        return Bind(session, command, "replace", by, parse => new JsonObject
        {
            ["old"] = parse.GetValue(old), ["new"] = parse.GetValue(newcomer),
        });
    }

    public static Command Weight(Session session)
    {
        var (node, by) = (Node("The member."), By());
        var weight = new Argument<int>("WEIGHT") { Description = $"Its capacity relative to the others, 1 to {MaxWeight}." };
        weight.Validators.Add(static result => CheckWeight(result, result.Tokens));
        var command = new TaughtCommand("weight", "Stages that a member gets another weight, and with it another share.", $"""
            Every node owns partitions in proportion to its weight, as far as replicas of a key still lie on different nodes.

            {Next}

            Examples:
              dynamo cluster weight node2 3
            """) { node, weight, by };
        return Bind(session, command, "weight", by, parse => new JsonObject
        {
            ["node"] = parse.GetValue(node), ["weight"] = parse.GetValue(weight),
        });
    }

    public static Command Clear(Session session)
    {
        var command = new Command("clear", "Forgets every change that is staged at the node and not committed.");
        session.Bind(command, async (parse, node, cancel) =>
        {
            var answer = await node.Json(HttpMethod.Post, $"{ClusterCommand.Path}/clear", null, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(answer);
            else session.Terminal.Text.WriteLine("Nothing is staged any more.");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Bind(
        Session session, Command command, string kind, Option<string> by, Func<ParseResult, JsonObject> body)
    {
        session.Bind(command, async (parse, node, cancel) =>
        {
            var path = $"{ClusterCommand.Path}/{kind}";
            var change = body(parse);
            change["by"] = parse.GetValue(by);
            var answer = await node.Json(HttpMethod.Post, path, change, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(answer);
            else Show(session.Terminal, node.Shape<StagedDocument>(answer, path).Staged);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Terminal terminal, IReadOnlyList<ChangeDocument> staged)
    {
        terminal.Text.WriteLine("Staged, and without effect until 'dynamo cluster commit':");
        foreach (var change in staged) terminal.Text.WriteLine($"  {change.Sentence}");
    }

    private static Argument<string> Node(string description, string name = "NODE")
    {
        var node = new Argument<string>(name) { Description = description };
        node.Validators.Add(static result =>
        {
            // An option with a slip in it would else pass for the name of a node.
            foreach (var token in result.Tokens.Where(static t => t.Value.Length == 0 || t.Value.StartsWith('-')))
                result.AddError($"'{token.Value}' is no option here, and no node.");
        });
        return node;
    }

    private static Option<string> By() => new("--by")
    {
        Description = "Who asks, for the record.", HelpName = "WHO", DefaultValueFactory = static _ => Environment.UserName,
    };

    private static void CheckWeight(
        System.CommandLine.Parsing.SymbolResult result, IReadOnlyList<System.CommandLine.Parsing.Token> tokens)
    {
        if (tokens is [var token] && int.TryParse(token.Value, out var weight) && weight is < 1 or > MaxWeight)
            result.AddError($"The weight is {weight}; it must be 1 to {MaxWeight}.");
    }
}
