using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary>The words that more than one command takes.</summary>
internal static class KeyArguments
{
    public static Argument<string> Bucket() =>
        NotEmpty("BUCKET", "The bucket, 1 to 255 bytes; it need not exist before.");

    public static Argument<string> Key() => NotEmpty("KEY", "The key, 1 byte to 4 KiB.");

    public static Option<string?> Context() => new("--context")
    {
        Description = "The context of the get whose values this replaces.",
        HelpName = "TOKEN",
    };

    public static Option<FileInfo?> ContextFile(string description) => new("--context-file")
    {
        Description = description,
        HelpName = "FILE",
    };

    /// <summary>The context given directly or in a file; null when neither was given.</summary>
    public static string? ReadContext(ParseResult parse, Option<string?> context, Option<FileInfo?> file)
    {
        if (parse.GetValue(context) is { } given) return given;
        if (parse.GetValue(file) is not { } path) return null;
        return Files.ReadText(path).Trim() is { Length: > 0 } read
            ? read
            : throw new CommandFailure(ExitCode.Usage, $"{path} holds no context.");
    }

    private static Argument<string> NotEmpty(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError($"{name} is empty.");
        });
        return argument;
    }
}

/// <summary>Files named on the command line: what is wrong with one is a usage error in one sentence.</summary>
internal static class Files
{
    public static byte[] ReadBytes(FileInfo file) => Try(() => File.ReadAllBytes(file.FullName));

    public static string ReadText(FileInfo file) => Try(() => File.ReadAllText(file.FullName));

    public static void WriteText(FileInfo file, string text) => Try(() =>
    {
        File.WriteAllText(file.FullName, text);
        return true;
    });

    private static T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, e.Message);
        }
    }
}
