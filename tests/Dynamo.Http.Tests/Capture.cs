using System.Text;

namespace Dynamo.Http.Tests;

/// <summary>One exchange out of a capture file: what was asked of a real Riak 3.2.3, and what it answered.</summary>
/// <remarks>
/// A file is a row of blocks: <c>### title</c>, the curl command, <c>--- request</c> with its head, <c>--- response</c> with
/// head and body. The request's body is only in the command (<c>-d</c>); carriage returns have been lost.
/// </remarks>
internal sealed record Capture(
    string File, string Title, string Method, string Target, List<(string Name, string Value)> Headers, string Body, RawAnswer Answer)
{
    /// <summary>The exchanges of a file, in order.</summary>
    public static List<Capture> Read(string file)
    {
        using var stream = typeof(Capture).Assembly.GetManifestResourceStream(file)!;
        var text = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
        return [.. ("\n" + text).Split("\n### ").Skip(1).Select(block => Parse(file, block))];
    }

    private static Capture Parse(string file, string block)
    {
        var request = block.IndexOf("\n--- request\n", StringComparison.Ordinal);
        var response = block.IndexOf("\n--- response", StringComparison.Ordinal);
        var lines = block[..request].Split('\n');
        var head = block[(request + 13)..response].TrimEnd('\n').Split('\n');
        var words = head[0].Split(' ');
        var answer = block[(block.IndexOf('\n', response + 1) + 1)..].Replace("HTTP/1.1 100 Continue\n\n", "");
        var end = answer.IndexOf("\n\n", StringComparison.Ordinal);
        var status = answer[..end].Split('\n');
        var headers = status.Skip(1).Select(Split).ToList();
        var length = headers.FirstOrDefault(static h => h.Name == "Content-Length").Value;
        var body = answer[(end + 2)..];
        if (length is not null && !headers.Any(static h => h.Value.StartsWith("multipart/", StringComparison.Ordinal)))
            body = body[..Math.Min(body.Length, int.Parse(length))];
        return new Capture(
            file, lines[0], words[0], words[1], [.. head.Skip(1).Select(Split)], BodyOf(lines[1]),
            new RawAnswer(int.Parse(status[0].Split(' ')[1]), headers, body, answer));
    }

    private static (string Name, string Value) Split(string line)
    {
        var colon = line.IndexOf(':');
        return (line[..colon], line[(colon + 1)..].Trim());
    }

    // The command is quoted with backslashes, as by printf %q.
    private static string BodyOf(string command)
    {
        var at = command.IndexOf(" -d ", StringComparison.Ordinal);
        var body = new StringBuilder();
        for (var i = at + 4; at >= 0 && i < command.Length && command[i] != ' '; i++)
            body.Append(command[i] == '\\' ? command[++i] : command[i]);
        return body.ToString();
    }
}
