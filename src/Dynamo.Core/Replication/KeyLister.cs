using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Answers one page of a listing out of this node's store.</summary>
public static class KeyLister
{
    /// <summary>The next page of the partitions asked for.</summary>
    /// <param name="store">The store.</param>
    /// <param name="page">What is asked.</param>
    /// <param name="limit">The most keys to return, and about the most to look at; 1 or more.</param>
    public static ListPageReply Answer(INodeStore store, ListPage page, int limit)
    {
        try
        {
            return Read(store, page, limit);
        }
        catch (StoreFailedException)
        {
            return new ListPageReply(page.Id, [], [], null, Failed: true);
        }
    }

    private static ListPageReply Read(INodeStore store, ListPage page, int limit)
    {
        var keys = ImmutableArray.CreateBuilder<Key>();
        var after = page.After;
        string? lastBucket = null;
        for (var i = 0; i < page.Partitions.Length; i++)
        {
            while (true)
            {
                var found = store.ScanKeys(page.Partitions[i], page.Bucket, after, limit);
                foreach (var (key, isDeleted) in found)
                {
                    after = key;
                    if (isDeleted || (page.Bucket is null && key.Bucket == lastBucket)) continue;
                    lastBucket = key.Bucket;
                    keys.Add(key);
                }

                if (found.Count < limit) break;
                if (keys.Count >= limit || page.Bucket is not null)
                    return new ListPageReply(page.Id, keys.DrainToImmutable(), page.Partitions[i..], after, Failed: false);
            }

            after = null;
            if (keys.Count >= limit && i + 1 < page.Partitions.Length)
                return new ListPageReply(page.Id, keys.DrainToImmutable(), page.Partitions[(i + 1)..], null, Failed: false);
        }

        return new ListPageReply(page.Id, keys.DrainToImmutable(), [], null, Failed: false);
    }
}
