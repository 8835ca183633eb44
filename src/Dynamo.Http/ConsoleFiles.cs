using System.Security.Cryptography;

namespace Dynamo.Http;

/// <summary>The console's page, styles and scripts, which are compiled in: it needs no network and no build of its own.</summary>
/// <remarks>None of it holds data, so it is served without the token, which the page then asks its reader for.</remarks>
internal static class ConsoleFiles
{
    private const string Folder = "console/";

    // Scripts and styles come from here alone and nothing is inline; a text can never become markup (trusted types), no
    // page may frame this one, and no form leads anywhere.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly SortedDictionary<string, ConsoleFile> Files = Load();

    /// <summary>The names of all files.</summary>
    public static IEnumerable<string> Names => Files.Keys;

    /// <summary>GET /console/{name}: one of the files.</summary>
    public static Task Get(Exchange x)
    {
        if (!Files.TryGetValue(x.Target.Segments[1], out var file)) return Answer.Text(x, 404, "The console has no such file.");
        x.Response.Headers.ETag = file.ETag;
        return new Preconditions(x.Request.Headers).OnRead(file.ETag.Trim('"'), DateTimeOffset.MaxValue) == Verdict.NotModified
            ? Answer.Empty(x, 304)
            : Send(x, file);
    }

    /// <summary>The page itself. It has no tag, as Riak's own page at / has none.</summary>
    public static Task Page(Exchange x) => Send(x, Files["index.html"]);

    private static Task Send(Exchange x, ConsoleFile file)
    {
        var headers = x.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Kept, and asked about each time: after an upgrade no old script meets a new page.
        headers.CacheControl = "no-cache";
        return Answer.Bytes(x.Http, 200, file.ContentType, file.Bytes);
    }

    private static SortedDictionary<string, ConsoleFile> Load()
    {
        var assembly = typeof(ConsoleFiles).Assembly;
        var files = new SortedDictionary<string, ConsoleFile>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Folder, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
            files.Add(resource[Folder.Length..], new ConsoleFile(TypeOf(resource), bytes, tag));
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The console has a file of an unknown kind, {other}."),
    };

    private sealed record ConsoleFile(string ContentType, byte[] Bytes, string ETag);
}
