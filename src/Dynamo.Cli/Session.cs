using System.CommandLine;
using Dynamo.Cli.Http;

namespace Dynamo.Cli;

/// <summary>What every command shares: the terminal, and the options that stand on the root.</summary>
internal sealed class Session(Terminal terminal)
{
    private const string DefaultUrl = "http://127.0.0.1:8098";

    public Terminal Terminal { get; } = terminal;

    /// <summary>The node to ask.</summary>
    public Option<Uri> Url { get; } = new("--url")
    {
        Description = "The HTTP address of any node; the environment's DYNAMO_URL sets another default.",
        HelpName = "URL",
        Recursive = true,
        DefaultValueFactory = result => Parse(
            Environment.GetEnvironmentVariable("DYNAMO_URL") is { Length: > 0 } set ? set : DefaultUrl, result),
        CustomParser = result => Parse(result.Tokens[0].Value, result),
    };

    /// <summary>Whether to print JSON instead of text.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document on one line instead of text.",
        Recursive = true,
    };

    /// <summary>What the node asks for as <c>Authorization: Bearer</c>.</summary>
    public Option<string?> BearerToken { get; } = new("--token")
    {
        Description = "The bearer token that the nodes ask for, if they do; else DYNAMO_TOKEN.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    /// <summary>Whether JSON was asked for.</summary>
    public bool WantsJson(ParseResult parse) => parse.GetValue(Json);

    /// <summary>The bearer token; null when there is none.</summary>
    public string? Token(ParseResult parse)
    {
        var token = parse.GetValue(BearerToken) ?? Environment.GetEnvironmentVariable("DYNAMO_TOKEN");
        return string.IsNullOrEmpty(token) ? null : token;
    }

    /// <summary>Lets a command ask the node of --url.</summary>
    public void Bind(Command command, Func<ParseResult, NodeClient, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parse, cancel) =>
        {
            using var node = new NodeClient(parse.GetValue(Url)!, Token(parse));
            return await action(parse, node, cancel);
        });

    private static Uri Parse(string text, System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        result.AddError($"'{text}' is not an HTTP address such as {DefaultUrl}.");
        return null!;
    }
}
