using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        Description = "The bearer token that the nodes ask for; every user of this machine can read it here, so rather DYNAMO_TOKEN or --token-file.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    /// <summary>A file with the token.</summary>
    public Option<FileInfo?> TokenFile { get; } = new("--token-file")
    {
        Description = "A file that holds the bearer token; else DYNAMO_TOKEN_FILE.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Who is trusted over HTTPS.</summary>
    public Option<FileInfo?> AuthorityFile { get; } = new("--ca-file")
    {
        Description = "The PEM file of who signed the nodes' certificates, for https; else DYNAMO_CA_FILE, else whom this machine trusts.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Whether any certificate will do.</summary>
    public Option<bool> Insecure { get; } = new("--insecure")
    {
        Description = "Take any certificate of a node; whoever is on the way can then read the token and everything else.",
        Recursive = true,
    };

    /// <summary>How nodes are found and let one in.</summary>
    public IReadOnlyList<Option> ForNodes => [Url, BearerToken, TokenFile, AuthorityFile, Insecure];

    /// <summary>Whether JSON was asked for.</summary>
    public bool WantsJson(ParseResult parse) => parse.GetValue(Json);

    /// <summary>How the nodes let one in, and how one knows them.</summary>
    /// <exception cref="CommandFailure">A file that was named cannot be used.</exception>
    public NodeAccess Access(ParseResult parse) => new(
        Token(parse),
        Named(parse, AuthorityFile, "DYNAMO_CA_FILE") is { } file ? Authorities(file) : null,
        parse.GetValue(Insecure));

    private string? Token(ParseResult parse)
    {
        if (parse.GetValue(BearerToken) is { Length: > 0 } given) return given;
        if (parse.GetValue(TokenFile) is null && Environment.GetEnvironmentVariable("DYNAMO_TOKEN") is { Length: > 0 } set) return set;
        if (Named(parse, TokenFile, "DYNAMO_TOKEN_FILE") is not { } file) return null;
        var token = Read(file, File.ReadAllText).Trim();
        return token.Length > 0 ? token : throw new CommandFailure(ExitCode.Usage, $"{file} is empty; it should hold a token.");
    }

    private static string? Named(ParseResult parse, Option<FileInfo?> option, string variable) =>
        parse.GetValue(option)?.FullName ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : null);

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        Read(file, path => { authorities.ImportFromPemFile(path); return ""; });
        return authorities.Count > 0
            ? authorities
            : throw new CommandFailure(ExitCode.Usage, $"{file} holds no certificate; it should be a PEM file such as ca.crt.");
    }

    private static string Read(string file, Func<string, string> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandFailure(ExitCode.Usage, $"{file} cannot be read: {fault.Message}");
        }
    }

    /// <summary>Lets a command ask the node of --url.</summary>
    public void Bind(Command command, Func<ParseResult, NodeClient, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parse, cancel) =>
        {
            using var node = new NodeClient(parse.GetValue(Url)!, Access(parse));
            return await action(parse, node, cancel);
        });

    private static Uri Parse(string text, System.CommandLine.Parsing.ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        result.AddError($"'{text}' is not an HTTP address such as {DefaultUrl}.");
        return null!;
    }
}
