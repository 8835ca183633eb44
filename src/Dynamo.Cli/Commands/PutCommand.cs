using System.CommandLine;
using System.Text;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo put</c>.</summary>
internal static class PutCommand
{
    private const string Summary = "Stores a value.";

    private const string Lesson = """
        With the context of a get the put replaces exactly what that get saw. Without one it is a write of its own: if
        the key has a value already, both are kept as siblings until somebody resolves them.

        Examples:
          dynamo put carts alice "milk, bread"
          dynamo put photos cat --file cat.jpg --content-type image/jpeg --meta owner=alice
          date | dynamo put log now -
          dynamo get carts alice --context-file ctx && dynamo put carts alice "eggs" --context-file ctx
        """;

    public static Command Create(Session session)
    {
        var bucket = KeyArguments.Bucket();
        var key = KeyArguments.Key();
        var value = new Argument<string?>("VALUE")
        {
            Description = "The value as UTF-8 text; - reads it from standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var file = new Option<FileInfo?>("--file")
        {
            Description = "Read the value from this file.",
            HelpName = "FILE",
        };
        var type = new Option<string?>("--content-type")
        {
            Description = "The value's content type; text/plain for VALUE, else application/octet-stream.",
            HelpName = "TYPE",
        };
        var meta = new Option<string[]>("--meta")
        {
            Description = "Metadata kept with the value; may be repeated.",
            HelpName = "NAME=TEXT",
        };
        var context = KeyArguments.Context();
        var contextFile = KeyArguments.ContextFile("The same, from a file that get wrote.");
        var returnBody = new Option<bool>("--returnbody")
        {
            Description = "Print what the key holds afterwards, siblings included.",
        };
        var command = new TaughtCommand("put", Summary, Lesson)
        {
            bucket, key, value, file, type, meta, context, contextFile, returnBody,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(value) is null == result.GetValue(file) is null)
                result.AddError("Give the value either as VALUE or with --file.");
            foreach (var pair in result.GetValue(meta) ?? [])
                if (pair.IndexOf('=') < 1) result.AddError($"--meta '{pair}' is not NAME=TEXT.");
        });
        var options = RequestOptions.ForPut(command);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var (b, k) = (parse.GetValue(bucket)!, parse.GetValue(key)!);
            var stored = await Value(
                parse.GetValue(value), parse.GetValue(file), parse.GetValue(type), parse.GetValue(meta) ?? []);
            string[] more = parse.GetValue(returnBody) ? ["returnbody=true"] : [];
            var given = KeyArguments.ReadContext(parse, context, contextFile);
            var answer = await node.Put(b, k, options.Query(parse, more), given, stored, cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(ValueOutput.Document(b, k, answer));
            else if (answer.Values.Count > 0) ValueOutput.Show(session.Terminal, answer);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<StoredValue> Value(string? text, FileInfo? file, string? type, IEnumerable<string> meta)
    {
        var isText = text is not null and not "-";
        var bytes = file is not null ? Files.ReadBytes(file)
            : isText ? Encoding.UTF8.GetBytes(text!)
            : await StandardInput();
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in meta) metadata[pair[..pair.IndexOf('=')]] = pair[(pair.IndexOf('=') + 1)..];
        type ??= isText ? "text/plain" : "application/octet-stream";
        return new StoredValue("", type, "", metadata, false, bytes);
    }

    private static async Task<byte[]> StandardInput()
    {
        using var all = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(all);
        return all.ToArray();
    }
}
