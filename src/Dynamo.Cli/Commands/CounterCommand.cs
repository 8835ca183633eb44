using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo counter</c>.</summary>
internal static class CounterCommand
{
    private const string Summary = "Prints a counter's value, or adds to it.";

    private const string Lesson = """
        Several people may add to one counter at a time, on both sides of a partition too, and nothing is lost or counted
        twice. When adding fails with the words that the write may still take effect, it counts once or not at all; to add
        again may then count twice. Exit code 1 says that there is no counter. 'dynamo delete' ends one.

        Examples:
          dynamo counter visits home
          dynamo counter visits home --add 1
          dynamo counter stock apples --add -12
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var key = KeyArguments.Key();
        var add = new Option<long?>("--add")
        {
            Description = "Add this whole number, negative to take away, and print what it comes to then.",
            HelpName = "N",
        };
        var command = new TaughtCommand("counter", Summary, Lesson) { bucket, key, add };
        var options = RequestOptions.ForCounter(command);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var (b, k) = (parse.GetValue(bucket)!, parse.GetValue(key)!);
            var value = parse.GetValue(add) is { } delta
                ? await node.AddToCounter(b, k, delta, options.Query(parse, "returnvalue=true"), cancel)
                : await node.Counter(b, k, options.Query(parse), cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(new { Bucket = b, Key = k, Value = value });
            else if (value is not null) session.Terminal.Text.WriteLine(value.Value);
            return value is not null ? ExitCode.Success : throw new CommandFailure(ExitCode.Failure, $"{b}/{k} is not found.");
        });
        return command;
    }
}
