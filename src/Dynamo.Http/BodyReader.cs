using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>Reads a request's body up to a limit, never holding more than that of it.</summary>
internal static class BodyReader
{
    /// <summary>What is set aside at first: a length that is only announced costs nothing yet.</summary>
    private const int FirstBytes = 64 * 1024;

    /// <summary>What a client is told whose body is not whole.</summary>
    public const string CutShort = "The body is cut short or not well formed; nothing was stored.";

    /// <summary>The body; null when it is longer than <paramref name="limit"/>.</summary>
    /// <exception cref="BadHttpRequestException">It is cut short or not well formed.</exception>
    public static async Task<byte[]?> Read(HttpRequest request, int limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit) return null;
        var connection = request.HttpContext.Features.Get<PatientConnection>();
        if (connection is not null) connection.IsReadingBody = true;
        try
        {
            return await ReadAll(request, limit, cancel);
        }
        finally
        {
            if (connection is not null) connection.IsReadingBody = false;
        }
    }

    private static async Task<byte[]?> ReadAll(HttpRequest request, int limit, CancellationToken cancel)
    {
        var buffer = new byte[Math.Min(request.ContentLength ?? 4096, FirstBytes)];
        var length = 0;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancel);
            if (read.Buffer.Length > limit - length)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }

            var needed = length + (int)read.Buffer.Length;
            if (needed > buffer.Length) Array.Resize(ref buffer, Math.Min(Math.Max(needed, buffer.Length * 2), limit));
            read.Buffer.CopyTo(buffer.AsSpan(length));
            length = needed;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (!read.IsCompleted) continue;
            if (length < buffer.Length) Array.Resize(ref buffer, length);
            return buffer;
        }
    }
}
