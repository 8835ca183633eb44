using System.CommandLine;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo get</c>.</summary>
internal static class GetCommand
{
    private const string Summary = "Prints a key's value, byte for byte.";

    private const string Lesson = """
        A key written by two people at once has siblings: all of them are listed, with the context that a put or
        delete gives back to replace them. Exit code 1 says that there is no value.

        Examples:
          dynamo get carts alice
          dynamo get carts alice --context-file ctx && dynamo put carts alice "merged" --context-file ctx
          dynamo get photos cat --sibling 2 > cat.jpg
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var key = KeyArguments.Key();
        var sibling = new Option<int?>("--sibling")
        {
            Description = "Print only this one of the siblings, counted from 1.",
            HelpName = "N",
        };
        var contextFile = KeyArguments.ContextFile("Write the context to this file, for a put or delete that follows.");
        var command = new TaughtCommand("get", Summary, Lesson) { bucket, key, sibling, contextFile };
        var options = RequestOptions.ForGet(command);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var (b, k) = (parse.GetValue(bucket)!, parse.GetValue(key)!);
            var answer = await node.Get(b, k, options.Query(parse), cancel);
            if (parse.GetValue(contextFile) is { } file && answer.Context is not null)
                Files.WriteText(file, answer.Context + "\n");
            if (answer.Values.Count == 0) return NotFound(session, parse, b, k, answer);
            if (parse.GetValue(sibling) is { } number) answer = Only(answer, number);
            if (session.WantsJson(parse)) session.Terminal.Json(ValueOutput.Document(b, k, answer));
            else ValueOutput.Show(session.Terminal, answer);
            return ExitCode.Success;
        });
        return command;
    }

    private static int NotFound(Session session, ParseResult parse, string bucket, string key, KeyAnswer answer)
    {
        if (session.WantsJson(parse))
            session.Terminal.Json(
                new { Bucket = bucket, Key = key, answer.Context, answer.Deleted, Siblings = Array.Empty<object>() });
        var why = answer.Deleted ? ": it was deleted" : "";
        throw new CommandFailure(ExitCode.Failure, $"{bucket}/{key} is not found{why}.");
    }

    private static KeyAnswer Only(KeyAnswer answer, int number) =>
        number >= 1 && number <= answer.Values.Count
            ? answer with { Values = [answer.Values[number - 1]] }
            : throw new CommandFailure(
                ExitCode.Failure, $"There is no sibling {number}; there are {answer.Values.Count}.");
}
