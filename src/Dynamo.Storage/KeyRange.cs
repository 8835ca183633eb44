using System.Text;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>The keys that a scan asks for: of one bucket or of all, and above a key.</summary>
internal readonly struct KeyRange
{
    private static readonly byte[] LowestName = [0];

    /// <summary>A range.</summary>
    /// <param name="bucket">The bucket; null for all.</param>
    /// <param name="after">The key below the first; null for no bound. It may lie in another bucket.</param>
    public KeyRange(string? bucket, Key? after)
    {
        After = after;
        Start = after;
        if (bucket is null) return;
        if (!Key.TryCreate(bucket, LowestName, out var first, out _))
        {
            IsEmpty = true;
            return;
        }

        BucketUtf8 = Encoding.UTF8.GetBytes(bucket);
        var order = after is null ? -1 : after.BucketUtf8.SequenceCompareTo(BucketUtf8);
        IsEmpty = order > 0;
        if (order >= 0) return;
        After = null;
        Start = first;
    }

    /// <summary>The bucket's UTF-8 bytes; null for all buckets.</summary>
    public byte[]? BucketUtf8 { get; }

    /// <summary>Whether no key can be in the range.</summary>
    public bool IsEmpty { get; }

    /// <summary>The key just below the range; null when the bucket, or nothing, bounds it there.</summary>
    public Key? After { get; }

    /// <summary>A key at or below the first of the range; null for no bound.</summary>
    public Key? Start { get; }

    /// <summary>Whether a key is in the range.</summary>
    public bool Contains(Key key) =>
        !IsEmpty && (After is null || key.CompareTo(After) > 0)
        && (BucketUtf8 is null || key.BucketUtf8.SequenceEqual(BucketUtf8));

    /// <summary>Whether a key, and so all above it, lies above the range.</summary>
    public bool IsBelow(Key key) => BucketUtf8 is not null && key.BucketUtf8.SequenceCompareTo(BucketUtf8) > 0;
}
