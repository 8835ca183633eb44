using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Cli.Http;

/// <summary>Reads the siblings of a <c>multipart/mixed</c> answer.</summary>
internal static class Siblings
{
    private const string MetadataPrefix = "X-Riak-Meta-";

    /// <summary>Every part of the body, in the node's order.</summary>
    /// <exception cref="CommandFailure">The body is not what its content type says.</exception>
    public static async Task<IReadOnlyList<StoredValue>> Read(string contentType, Stream body, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !type.MediaType.Equals("multipart/mixed", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 } boundary)
            throw new CommandFailure(
                ExitCode.Failure, $"The node sent siblings as '{contentType}', not as multipart/mixed.");

        var reader = new MultipartReader(boundary.ToString(), body)
        {
            // A value carries its user's metadata in headers, and there may be far more of them than a form field has.
            HeadersCountLimit = 1024,
            HeadersLengthLimit = 1 << 20,
        };
        List<StoredValue> values = [];
        try
        {
            while (await reader.ReadNextSectionAsync(cancel) is { } part)
            {
                using var bytes = new MemoryStream();
                await part.Body.CopyToAsync(bytes, cancel);
                var headers = (part.Headers ?? []).ToDictionary(
                    h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
                values.Add(Make(headers.GetValueOrDefault, headers, bytes.ToArray()));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new CommandFailure(ExitCode.Failure, $"The node's list of siblings cannot be read: {e.Message}");
        }

        return values;
    }

    /// <summary>A value from its headers and bytes.</summary>
    /// <param name="header">Looks a header up; null when it is absent.</param>
    /// <param name="all">Every header, for the metadata.</param>
    /// <param name="bytes">The value.</param>
    public static StoredValue Make(
        Func<string, string?> header, IEnumerable<KeyValuePair<string, string>> all, byte[] bytes)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in all)
            if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                metadata[name[MetadataPrefix.Length..]] = value;
        return new StoredValue(
            (header("ETag") ?? "").Trim('"'),
            header("Content-Type") ?? "application/octet-stream",
            header("Last-Modified") ?? "",
            metadata,
            header("X-Riak-Deleted") is not null,
            bytes);
    }
}
