using System.Collections.Immutable;
using System.Text;

namespace Dynamo.Core;

/// <summary>What an application stores: bytes with a content type and a few words about them.</summary>
/// <remarks>Immutable; whoever makes one must not change the array behind <see cref="Body"/> afterwards.</remarks>
public sealed class Value : IEquatable<Value>
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The content type of a value that was stored without one.</summary>
    public const string DefaultContentType = "application/octet-stream";

    /// <summary>The most user metadata a value may carry: entries, and UTF-8 bytes of all names and texts together.</summary>
    public const int MaxMetadataEntries = 64, MaxMetadataBytes = 8192;

    /// <summary>The longest content type and content encoding, in characters.</summary>
    public const int MaxContentTypeLength = 255;

    /// <summary>The bytes, 0 up to the node's value limit (1 MiB by default).</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A media type such as <c>application/json; charset=utf-8</c>.</summary>
    public string ContentType { get; init; } = DefaultContentType;

    /// <summary>A content encoding such as <c>gzip</c>; empty for none. Stored and given back, never applied.</summary>
    public string ContentEncoding { get; init; } = "";

    /// <summary>User metadata, name to text; names are kept as they came.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = NoMetadata;

    /// <summary>No metadata, with the order that every metadata map must have.</summary>
    public static ImmutableSortedDictionary<string, string> NoMetadata { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Equals(Value? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ContentType == other.ContentType && ContentEncoding == other.ContentEncoding
            && Body.Span.SequenceEqual(other.Body.Span) && Metadata.SequenceEqual(other.Metadata));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Value);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)StableHash.Of(Body.Span, StableHash.Of(ContentType));

    /// <inheritdoc/>
    public override string ToString() => $"{Body.Length} bytes of {ContentType}";

    /// <summary>One sentence about what is wrong with a value from outside; "" when it is good.</summary>
    public string Check()
    {
        if (ContentType.Length is 0 or > MaxContentTypeLength) return "The content type must have 1 to 255 characters.";
        if (ContentEncoding.Length > MaxContentTypeLength) return "The content encoding has more than 255 characters.";
        if (Metadata.Count > MaxMetadataEntries)
            return $"There are {Metadata.Count} metadata entries; at most {MaxMetadataEntries} are allowed.";
        try
        {
            // Half a surrogate pair would reach the other replicas as another text than the one kept here.
            _ = StrictUtf8.GetByteCount(ContentType) + StrictUtf8.GetByteCount(ContentEncoding);
            var bytes = 0;
            foreach (var (name, text) in Metadata)
                bytes += StrictUtf8.GetByteCount(name) + StrictUtf8.GetByteCount(text);
            return bytes > MaxMetadataBytes
                ? $"The metadata has {bytes} bytes; at most {MaxMetadataBytes} are allowed."
                : "";
        }
        catch (EncoderFallbackException)
        {
            return "The content type, encoding or metadata is not valid Unicode text.";
        }
    }
}
