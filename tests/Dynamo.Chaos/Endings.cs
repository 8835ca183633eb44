using Dynamo.Chaos.Beds;
using Dynamo.Chaos.Checkers;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Chaos;

/// <summary>Looks into the stores of nodes that have stopped: what lies there no get has repaired.</summary>
internal static class Endings
{
    private const int NVal = 3;

    /// <summary>Reads what the owners hold of some keys.</summary>
    /// <param name="folders">Each node's folder.</param>
    /// <param name="owners">The owner of each partition.</param>
    /// <param name="bucket">The keys' bucket.</param>
    /// <param name="names">Their names.</param>
    public static RunEnding Read(IReadOnlyList<string> folders, string[] owners, string bucket, IEnumerable<string> names)
    {
        var stores = new SortedDictionary<string, SqliteEngine>(StringComparer.Ordinal);
        try
        {
            for (var node = 0; node < folders.Count; node++)
                stores.Add(Bed.NameOf(node), SqliteEngine.Open(new SqliteOptions { Folder = folders[node] }));
            var keys = names.Select(name => new KeyEnding(name, [.. Holders(stores, owners, Key.Of(bucket, name))])).ToList();
            return new RunEnding(keys, stores.Values.Sum(static s => s.HintOwners().Sum(s.HintCount)));
        }
        catch (StorageOpenException fault)
        {
            throw new ChaosException($"A store that was closed in order cannot be opened: {fault.Message}");
        }
        finally
        {
            foreach (var store in stores.Values) store.Dispose();
        }
    }

    private static IEnumerable<(string Owner, Record? Record)> Holders(
        SortedDictionary<string, SqliteEngine> stores, string[] owners, Key key)
    {
        var partition = PartitionId.Of(key.Position, owners.Length);
        var holders = Enumerable.Range(partition.Index, owners.Length).Select(p => owners[p % owners.Length]).Distinct().Take(NVal);
        foreach (var owner in holders)
        {
            var read = stores[owner].Read(partition, key);
            yield return (owner, read.Status switch
            {
                StoreReadStatus.Found => read.Stored!.Record,
                StoreReadStatus.Missing => Record.Empty,
                _ => null,
            });
        }
    }
}
