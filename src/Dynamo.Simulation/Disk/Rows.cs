using System.Diagnostics.CodeAnalysis;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Rows by key: found by hash, walked in key order.</summary>
internal sealed class Rows<T>
    where T : class
{
    private readonly Dictionary<Key, T> _rows = [];
    private List<Key>? _order;

    public int Count => _rows.Count;

    public bool TryGet(Key key, [MaybeNullWhen(false)] out T row) => _rows.TryGetValue(key, out row);

    public T? Find(Key key) => _rows.GetValueOrDefault(key);

    public void Put(Key key, T row)
    {
        var before = _rows.Count;
        _rows[key] = row;
        if (_rows.Count != before) _order?.Insert(~_order.BinarySearch(key), key);
    }

    public void Remove(Key key)
    {
        if (_rows.Remove(key)) _order?.RemoveAt(_order.BinarySearch(key));
    }

    /// <summary>Keys in order, from the first above <paramref name="after"/>.</summary>
    /// <remarks>Sorted when somebody first asks, and kept in order from then on.</remarks>
    public IEnumerable<Key> KeysAfter(Key? after)
    {
        _order ??= [.. _rows.Keys.Order()];
        var start = 0;
        if (after is not null)
        {
            start = _order.BinarySearch(after);
            start = start < 0 ? ~start : start + 1;
        }

        for (var i = start; i < _order.Count; i++) yield return _order[i];
    }
}
