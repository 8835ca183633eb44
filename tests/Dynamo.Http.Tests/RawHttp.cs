using System.Net.Sockets;
using System.Text;

namespace Dynamo.Http.Tests;

/// <summary>An answer as it came over the wire; bytes are kept as Latin-1 text.</summary>
internal sealed record RawAnswer(int Status, List<(string Name, string Value)> Headers, string Body, string Wire)
{
    /// <summary>A header's value; null when absent.</summary>
    public string? Header(string name) =>
        Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();
}

/// <summary>Speaks HTTP by hand: HttpClient tidies up exactly the things that are tested here.</summary>
internal static class RawHttp
{
    /// <summary>A wait that only a hung server reaches.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request and reads its answer; the connection is closed afterwards.</summary>
    public static Task<RawAnswer> Ask(int port, string method, string target, string body = "", params string[] headers)
    {
        List<string> lines = [$"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", .. headers];
        if (body.Length > 0 || method is "PUT" or "POST") lines.Add($"Content-Length: {body.Length}");
        return Send(port, string.Join("\r\n", lines) + "\r\n\r\n" + body);
    }

    /// <summary>Sends text as Latin-1 bytes, then reads one answer.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="request">The bytes.</param>
    /// <param name="halfClose">Whether to say that nothing more will come.</param>
    public static async Task<RawAnswer> Send(int port, string request, bool halfClose = false)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, deadline.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), deadline.Token);
        if (halfClose) client.Client.Shutdown(SocketShutdown.Send);
        var wire = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (!IsWhole(wire.ToString(), request.StartsWith("HEAD ", StringComparison.Ordinal)))
        {
            var length = await stream.ReadAsync(buffer, deadline.Token);
            if (length == 0) break;
            wire.Append(Encoding.Latin1.GetString(buffer, 0, length));
        }

        return Parse(wire.ToString());
    }

    // A server that refuses a body may reset the connection later on, so nobody waits for its end.
    private static bool IsWhole(string wire, bool isHead)
    {
        var end = wire.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        if (wire.StartsWith("HTTP/1.1 100", StringComparison.Ordinal)) return IsWhole(wire[(end + 4)..], isHead);
        var head = wire[..end];
        if (isHead || head.StartsWith("HTTP/1.1 204", StringComparison.Ordinal) || head.StartsWith("HTTP/1.1 304", StringComparison.Ordinal))
            return true;
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal)) return wire.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
        var at = head.IndexOf("Content-Length: ", StringComparison.Ordinal);
        return at >= 0 && wire.Length >= end + 4 + int.Parse(head[(at + 16)..].Split('\r')[0]);
    }

    /// <summary>Reads an answer, passing over 100 Continue.</summary>
    public static RawAnswer Parse(string wire)
    {
        var end = wire.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"No answer, but: {wire}");
        var lines = wire[..end].Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1]);
        if (status == 100) return Parse(wire[(end + 4)..]);
        var headers = lines.Skip(1).Select(static line =>
        {
            var colon = line.IndexOf(':');
            return (line[..colon], line[(colon + 1)..].Trim());
        }).ToList();
        var answer = new RawAnswer(status, headers, wire[(end + 4)..], wire);
        return answer.Header("Transfer-Encoding") == "chunked" ? answer with { Body = string.Concat(Chunks(answer)) } : answer;
    }

    /// <summary>The chunks of a chunked answer.</summary>
    public static IEnumerable<string> Chunks(RawAnswer answer)
    {
        var rest = answer.Wire[(answer.Wire.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        while (true)
        {
            var end = rest.IndexOf("\r\n", StringComparison.Ordinal);
            var length = Convert.ToInt32(rest[..end], 16);
            if (length == 0) yield break;
            yield return rest.Substring(end + 2, length);
            rest = rest[(end + 2 + length + 2)..];
        }
    }
}
