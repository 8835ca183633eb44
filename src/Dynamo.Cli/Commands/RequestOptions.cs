using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary>The options that override a bucket's properties for one request, and the query string they make.</summary>
internal sealed class RequestOptions
{
    private const string Sizes = "a number, quorum, all, one or default";

    private readonly List<(string Parameter, Option<string?> Option)> _options = [];

    private RequestOptions(Command command, params (string Name, string Kind, string Description)[] options)
    {
        foreach (var (name, kind, description) in options)
        {
            var option = new Option<string?>(name) { Description = description, HelpName = kind };
            command.Options.Add(option);
            _options.Add((name.TrimStart('-').Replace('-', '_'), option));
        }
    }

    /// <summary>Adds what a get takes.</summary>
    public static RequestOptions ForGet(Command command) => new(
        command,
        ("--r", "SIZE", $"Replicas that must answer: {Sizes}."),
        ("--pr", "SIZE", $"Of these, primaries: {Sizes}."),
        ("--notfound-ok", "BOOL", "Whether a replica without the key counts as an answer."),
        ("--basic-quorum", "BOOL", "With --notfound-ok false: stop once a quorum has found nothing."),
        ("--timeout", "MS", "Give up after this many milliseconds."));

    /// <summary>Adds what a put takes.</summary>
    public static RequestOptions ForPut(Command command) => new(
        command,
        ("--w", "SIZE", $"Replicas that must acknowledge: {Sizes}."),
        ("--dw", "SIZE", $"Of these, those that must have it on disk: {Sizes}."),
        ("--pw", "SIZE", $"Primaries that must acknowledge: {Sizes}."),
        ("--timeout", "MS", "Give up after this many milliseconds."));

    /// <summary>Adds what a delete takes.</summary>
    public static RequestOptions ForDelete(Command command) => new(
        command,
        ("--r", "SIZE", $"Replicas that must answer the read before it: {Sizes}."),
        ("--pr", "SIZE", $"Of these, primaries: {Sizes}."),
        ("--w", "SIZE", $"Replicas that must acknowledge: {Sizes}."),
        ("--dw", "SIZE", $"Of these, those that must have it on disk: {Sizes}."),
        ("--pw", "SIZE", $"Primaries that must acknowledge: {Sizes}."),
        ("--timeout", "MS", "Give up after this many milliseconds."));

    /// <summary>Adds what reading a counter takes, and adding to one.</summary>
    public static RequestOptions ForCounter(Command command) => new(
        command,
        ("--r", "SIZE", $"Replicas that must answer a read: {Sizes}."),
        ("--pr", "SIZE", $"Of these, primaries: {Sizes}."),
        ("--w", "SIZE", $"Replicas that must acknowledge what is added: {Sizes}."),
        ("--dw", "SIZE", $"Of these, those that must have it on disk: {Sizes}."),
        ("--pw", "SIZE", $"Primaries that must acknowledge: {Sizes}."),
        ("--timeout", "MS", "Give up after this many milliseconds."));

    /// <summary>The query string with its question mark; "" when nothing was given.</summary>
    public string Query(ParseResult parse, params string[] more)
    {
        var parts = _options
            .Select(o => (o.Parameter, Value: parse.GetValue(o.Option)))
            .Where(o => o.Value is not null)
            .Select(o => $"{o.Parameter}={Uri.EscapeDataString(o.Value!)}")
            .Concat(more)
            .ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
