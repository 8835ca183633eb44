using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>
/// What a scan shows at one key, given what the database and the overlay have there; false for nothing.
/// </summary>
internal delegate bool Choose<TItem, TShown>(
    Key key, bool inDatabase, TItem item, Pending? pending, out TShown shown);

/// <summary>A page of a scan: rows of the database and pending changes, merged in key order.</summary>
internal static class MergedPage
{
    /// <summary>Pending changes of one place within a range, in key order.</summary>
    public static List<(Key Key, Pending Pending)> Select<TRow>(
        PendingChanges<TRow> changes, Func<TRow, Key?> keyInPlace, KeyRange range)
        where TRow : notnull
    {
        var selected = new List<(Key Key, Pending Pending)>();
        foreach (var (row, pending) in changes.All())
            if (keyInPlace(row) is { } key && range.Contains(key)) selected.Add((key, pending));
        selected.Sort(static (x, y) => x.Key.CompareTo(y.Key));
        return selected;
    }

    /// <summary>
    /// Merges; both inputs are in key order, and <paramref name="rows"/> is read no further than needed.
    /// </summary>
    public static List<TShown> Of<TItem, TShown>(
        IEnumerable<(Key Key, TItem Item)> rows, List<(Key Key, Pending Pending)> pending, int limit,
        Choose<TItem, TShown> choose)
    {
        var page = new List<TShown>();
        var next = 0;
        using var row = rows.GetEnumerator();
        var hasRow = limit > 0 && row.MoveNext();
        while (page.Count < limit && (hasRow || next < pending.Count))
        {
            var order = !hasRow ? 1 : next == pending.Count ? -1 : row.Current.Key.CompareTo(pending[next].Key);
            var key = order <= 0 ? row.Current.Key : pending[next].Key;
            if (choose(key, order <= 0, order <= 0 ? row.Current.Item : default!,
                    order >= 0 ? pending[next].Pending : null, out var shown))
                page.Add(shown);
            if (order >= 0) next++;
            if (order <= 0 && page.Count < limit) hasRow = row.MoveNext();
        }

        return page;
    }
}
