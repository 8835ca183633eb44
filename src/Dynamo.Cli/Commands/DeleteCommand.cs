using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo delete</c>.</summary>
internal static class DeleteCommand
{
    private const string Summary = "Deletes a key.";

    private const string Lesson = """
        With the context of a get it deletes exactly what that get saw, and a value written meanwhile stays. Without one
        it deletes what the node reads at that moment. Exit code 1 says that there was nothing.

        Examples:
          dynamo delete carts alice
          dynamo get carts alice --context-file ctx && dynamo delete carts alice --context-file ctx
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var key = KeyArguments.Key();
        var context = KeyArguments.Context();
        var contextFile = KeyArguments.ContextFile("The same, from a file that get wrote.");
        var command = new TaughtCommand("delete", Summary, Lesson) { bucket, key, context, contextFile };
        var options = RequestOptions.ForDelete(command);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var (b, k) = (parse.GetValue(bucket)!, parse.GetValue(key)!);
            var given = KeyArguments.ReadContext(parse, context, contextFile);
            var deleted = await node.Delete(b, k, options.Query(parse), given, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(new { Bucket = b, Key = k, Deleted = deleted });
            return deleted ? ExitCode.Success : throw new CommandFailure(ExitCode.Failure, $"{b}/{k} is not found.");
        });
        return command;
    }
}
