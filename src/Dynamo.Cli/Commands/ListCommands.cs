using System.CommandLine;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo keys</c>.</summary>
internal static class KeysCommand
{
    private const string Summary = "Lists a bucket's keys, one per line, as they are found.";

    private const string Lesson = """
        It reads every partition: not for every request.

        Examples:
          dynamo keys carts | wc -l
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var command = new TaughtCommand("keys", Summary, Lesson) { bucket };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var name = parse.GetValue(bucket)!;
            var pages = node.Stream($"{NodeClient.BucketPath(name)}/keys?keys=stream", cancel);
            var keys = await Listing.Print(session, parse, pages, page => page.Keys);
            if (keys is not null) session.Terminal.Json(new { Bucket = name, Keys = keys });
            return ExitCode.Success;
        });
        return command;
    }
}

/// <summary><c>dynamo buckets</c>.</summary>
internal static class BucketsCommand
{
    public static Command Create(Session session)
    {
        var command = new TaughtCommand(
            "buckets", "Lists the buckets that hold keys.", "It reads every partition: not for every request.");
        session.Bind(command, async (parse, node, cancel) =>
        {
            var pages = node.Stream("/buckets?buckets=stream", cancel);
            var buckets = await Listing.Print(session, parse, pages, page => page.Buckets);
            if (buckets is not null) session.Terminal.Json(new { Buckets = buckets });
            return ExitCode.Success;
        });
        return command;
    }
}

/// <summary>Prints a streamed list.</summary>
internal static class Listing
{
    /// <summary>Prints each name as it comes; for JSON, collects them instead and returns them.</summary>
    public static async Task<List<string>?> Print(
        Session session,
        ParseResult parse,
        IAsyncEnumerable<ListPage> pages,
        Func<ListPage, IReadOnlyList<string>?> names)
    {
        var collected = session.WantsJson(parse) ? new List<string>() : null;
        await foreach (var page in pages)
        {
            if (collected is not null) collected.AddRange(names(page) ?? []);
            else
                foreach (var name in names(page) ?? []) await session.Terminal.Text.WriteLineAsync(name);
        }

        return collected;
    }
}
