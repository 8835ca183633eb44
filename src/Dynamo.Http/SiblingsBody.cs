using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The two bodies of a 300: the list of vtags, and all siblings as multipart/mixed.</summary>
/// <remarks>
/// <code>
///   CRLF --boundary CRLF headers CRLF CRLF body     once per sibling
///   CRLF --boundary-- CRLF
/// </code>
/// as Riak writes it. Values are sent from where they lie; nothing is copied together.
/// </remarks>
internal sealed class SiblingsBody
{
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];

    private SiblingsBody(string contentType) => ContentType = contentType;

    public string ContentType { get; }

    public long Length { get; private set; }

    /// <summary>One vtag a line.</summary>
    public static SiblingsBody List(ImmutableArray<Sibling> siblings)
    {
        var body = new SiblingsBody("text/plain");
        var text = new StringBuilder("Siblings:\n");
        foreach (var sibling in siblings) text.Append(Vtag.Of(sibling.Dot)).Append('\n');
        body.Add(text.ToString());
        return body;
    }

    /// <summary>Every sibling with its headers. The boundary is random, so that no value can contain it.</summary>
    public static SiblingsBody Multipart(ImmutableArray<Sibling> siblings, string bucketPath)
    {
        var boundary = Vtag.Random();
        var body = new SiblingsBody($"multipart/mixed; boundary={boundary}");
        foreach (var sibling in siblings)
        {
            if (sibling.Value is not { } value) continue;
            var head = new StringBuilder()
                .Append("\r\n--").Append(boundary)
                .Append("\r\nContent-Type: ").Append(ValueHeaders.ContentType(value))
                .Append("\r\nLink: <").Append(bucketPath).Append(">; rel=\"up\"")
                .Append("\r\nEtag: ").Append(Vtag.Of(sibling.Dot))
                .Append("\r\nLast-Modified: ").Append(ValueHeaders.Modified(sibling).ToString("r"));
            foreach (var (name, text) in ValueHeaders.Of(value))
                head.Append("\r\n").Append(name).Append(": ").Append(text);
            body.Add(head.Append("\r\n\r\n").ToString());
            body.Add(value.Body);
        }

        body.Add($"\r\n--{boundary}--\r\n");
        return body;
    }

    public async Task WriteTo(Stream stream, CancellationToken cancel)
    {
        foreach (var piece in _pieces) await stream.WriteAsync(piece, cancel);
    }

    private void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    private void Add(ReadOnlyMemory<byte> piece)
    {
        _pieces.Add(piece);
        Length += piece.Length;
    }
}
