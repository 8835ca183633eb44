using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Items by key: found by hash, walked in key order. Not thread-safe.</summary>
/// <remarks>
/// A replaced item, the common case, touches only the hash table; the tree changes with the set of keys.
/// </remarks>
internal sealed class SortedShelf<T>
    where T : class
{
    private readonly Dictionary<Key, T> _items = [];
    private readonly SortedSet<Key> _order = [];

    public int Count => _items.Count;

    public bool TryGet(Key key, [MaybeNullWhen(false)] out T item) => _items.TryGetValue(key, out item);

    /// <summary>Stores an item, in the place of the one there is.</summary>
    public void Put(Key key, T item)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_items, key, out var isThere);
        place = item;
        if (!isThere) _order.Add(key);
    }

    /// <summary>Removes an item and gives it; null when there was none.</summary>
    public T? Remove(Key key)
    {
        if (!_items.Remove(key, out var removed)) return null;
        _order.Remove(key);
        return removed;
    }

    /// <summary>The first items of a range in key order, at most <paramref name="limit"/>.</summary>
    public List<(Key Key, T Item)> Page(in KeyRange range, int limit)
    {
        var page = new List<(Key, T)>();
        if (range.IsEmpty || _order.Max is not { } last || range.Start?.CompareTo(last) > 0) return page;
        foreach (var key in range.Start is null ? _order : _order.GetViewBetween(range.Start, last))
        {
            if (page.Count >= limit || range.IsBelow(key)) break;
            if (range.Contains(key)) page.Add((key, _items[key]));
        }

        return page;
    }
}
