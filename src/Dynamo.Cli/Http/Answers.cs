namespace Dynamo.Cli.Http;

/// <summary>One of a key's values.</summary>
/// <param name="Tag">Its entity tag, which tells siblings apart.</param>
/// <param name="ContentType">Its content type.</param>
/// <param name="LastModified">When it was written, as the node says it; "" when it does not.</param>
/// <param name="Metadata">The user's metadata, without the header's prefix.</param>
/// <param name="Deleted">Whether this is a tombstone.</param>
/// <param name="Bytes">The value.</param>
internal sealed record StoredValue(
    string Tag,
    string ContentType,
    string LastModified,
    IReadOnlyDictionary<string, string> Metadata,
    bool Deleted,
    byte[] Bytes);

/// <summary>What a node says about a key.</summary>
/// <param name="Context">The context to give back with the next put or delete; null when the node sent none.</param>
/// <param name="Values">None: not found. Several: siblings.</param>
/// <param name="Deleted">Not found because it was deleted.</param>
internal sealed record KeyAnswer(string? Context, IReadOnlyList<StoredValue> Values, bool Deleted);
