using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo props get|set|reset</c>.</summary>
internal static class PropsCommand
{
    private const string SetSummary = "Sets properties of a bucket on every node; those not named keep their value.";

    private const string SetLesson = """
        Properties, and what they are until somebody sets them:
          n_val            replicas of each key, 1 to 16 (3)
          r w dw           replicas that must answer, acknowledge, have it on disk (quorum)
          pr pw            primaries that must answer, acknowledge (0)
          notfound_ok      whether a replica without the key counts as an answer (true)
          basic_quorum     whether to stop once a quorum has found nothing (false)
          allow_mult       whether concurrent writes are kept as siblings (true)
          last_write_wins  whether the latest write replaces all others (false)

        Examples:
          dynamo props set carts n_val=5 w=all allow_mult=true
        """;

    public static Command Create(Session session) =>
        new("props", "Shows and changes how the keys of a bucket are replicated and read.")
        {
            Get(session), Set(session), Reset(session),
        };

    private static Command Get(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var command = new Command("get", "Shows a bucket's properties.") { bucket };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var answer = await node.Json(Path(parse.GetValue(bucket)!), cancel);
            if (session.WantsJson(parse))
            {
                session.Terminal.Json(answer);
                return ExitCode.Success;
            }

            var table = new Table().RoundedBorder().AddColumns("property", "value");
            foreach (var (name, value) in answer["props"]?.AsObject() ?? [])
                table.AddRow(Markup.Escape(name), Markup.Escape(value?.ToString() ?? ""));
            session.Terminal.Pretty.Write(table);
            return ExitCode.Success;
        });
        return command;
    }

    private static TaughtCommand Set(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var pairs = new Argument<string[]>("NAME=VALUE")
        {
            Description = "What to set.",
            Arity = ArgumentArity.OneOrMore,
        };
        pairs.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=') < 1))
                result.AddError($"'{token.Value}' is not NAME=VALUE.");
        });
        var command = new TaughtCommand("set", SetSummary, SetLesson) { bucket, pairs };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var properties = new JsonObject();
            foreach (var pair in parse.GetValue(pairs)!)
                properties[pair[..pair.IndexOf('=')]] = Value(pair[(pair.IndexOf('=') + 1)..]);
            var body = new JsonObject { ["props"] = properties };
            await node.Send(HttpMethod.Put, Path(parse.GetValue(bucket)!), body, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(body);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Reset(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var command = new Command("reset", "Gives a bucket the standard properties again.") { bucket };
        session.Bind(command, async (parse, node, cancel) =>
        {
            await node.Send(HttpMethod.Delete, Path(parse.GetValue(bucket)!), null, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(new { Bucket = parse.GetValue(bucket), Reset = true });
            return ExitCode.Success;
        });
        return command;
    }

    private static string Path(string bucket) => NodeClient.BucketPath(bucket) + "/props";

    private static JsonNode Value(string text) =>
        bool.TryParse(text, out var yes) ? yes : long.TryParse(text, out var number) ? number : text;
}
