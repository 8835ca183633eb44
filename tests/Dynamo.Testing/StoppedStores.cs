using System.Globalization;
using System.Text;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Testing;

/// <summary>The SQLite stores of nodes that have stopped, opened side by side: what is in them no get has repaired.</summary>
public sealed class StoppedStores : IDisposable
{
    private const int NVal = 3;
    private readonly SortedDictionary<string, SqliteEngine> _stores = new(StringComparer.Ordinal);

    /// <summary>Opens the stores.</summary>
    /// <param name="nodes">The nodes, by name, and their folders.</param>
    public StoppedStores(IEnumerable<KeyValuePair<string, string>> nodes)
    {
        foreach (var (node, folder) in nodes) _stores.Add(node, SqliteEngine.Open(new SqliteOptions { Folder = folder }));
    }

    /// <summary>
    /// Every key that was written and lies in the stores otherwise than it must: missing or old at one of its N owners, or
    /// present where it does not belong. A line each.
    /// </summary>
    /// <param name="load">Who wrote.</param>
    /// <param name="owners">The owner of each partition.</param>
    /// <param name="compared">How many copies were looked for and found.</param>
    public IReadOnlyList<string> Wrong(HttpLoad load, string[] owners, out int compared)
    {
        compared = 0;
        var wrong = new List<string>();
        foreach (var name in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var key = Key.Of(load.Bucket, name);
            var partition = PartitionId.Of(key.Position, owners.Length);
            var holders = Enumerable.Range(partition.Index, owners.Length)
                .Select(p => owners[p % owners.Length]).Distinct().Take(NVal).ToList();
            foreach (var (node, store) in _stores)
            {
                var read = store.Read(partition, key);
                var numbers = NumbersOf(read.Stored?.Record);
                var isHolder = holders.Contains(node);
                if (isHolder && numbers.DefaultIfEmpty().Max() >= load.Acknowledged(name)) compared++;
                else if (isHolder || read.Status != StoreReadStatus.Missing)
                    wrong.Add($"{name} at {node}, {(isHolder ? "an owner" : "no owner")}: "
                        + $"{load.Acknowledged(name)} was acknowledged, {read.Status} [{string.Join(",", numbers)}] lies there");
            }
        }

        return wrong;
    }

    public void Dispose()
    {
        foreach (var store in _stores.Values) store.Dispose();
    }

    private static int[] NumbersOf(Record? record) => record is null ? [] :
    [
        .. record.Siblings.Where(static s => s.Value is not null)
            .Select(static s => int.Parse(Encoding.UTF8.GetString(s.Value!.Body.Span).AsSpan(2), CultureInfo.InvariantCulture)),
    ];
}
