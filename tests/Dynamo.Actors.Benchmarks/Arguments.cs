using System.Globalization;

namespace Dynamo.Actors.Benchmarks;

/// <summary>What stands on a command line as "--name value"; "--name=value" is for whoever looks for the process, and passed over.</summary>
internal sealed class Arguments(string[] args)
{
    private readonly Dictionary<string, string> _given = args
        .Select((name, i) => (name, Value: i + 1 < args.Length ? args[i + 1] : ""))
        .Where(static o => o.name.StartsWith("--", StringComparison.Ordinal) && !o.name.Contains('=', StringComparison.Ordinal))
        .ToDictionary(static o => o.name, static o => o.Value);

    /// <summary>A text that must be there.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public string Text(string name) => _given.TryGetValue(name, out var text) ? text : throw new UsageException($"{name} is missing.");

    /// <summary>A text, or what is usual.</summary>
    public string Text(string name, string usual) => _given.GetValueOrDefault(name, usual);

    /// <summary>Texts with commas between.</summary>
    public string[] List(string name) => Text(name).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether it is given at all.</summary>
    public bool Has(string name) => _given.ContainsKey(name);

    /// <summary>A whole number that must be there.</summary>
    public long Number(string name) => Parsed(name, Text(name));

    /// <summary>A whole number, or what is usual.</summary>
    public long Number(string name, long usual) => _given.TryGetValue(name, out var text) ? Parsed(name, text) : usual;

    private static long Parsed(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw new UsageException($"{name} is '{text}', which is no whole number.");
}

/// <summary>The command line is wrong; the message is one sentence.</summary>
internal sealed class UsageException(string sentence) : Exception(sentence);
