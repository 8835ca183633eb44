using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>What the writes that wait will make of the hints on disk, so that a read need not go through them all.</summary>
/// <remarks>A storm leaves thousands of hints, and each step of a node asks how many there are.</remarks>
internal sealed class HintOverlay
{
    private readonly SortedDictionary<NodeId, Layer> _layers = [];

    /// <summary>Whether no change of a hint waits.</summary>
    public bool IsEmpty => _layers.Count == 0;

    /// <summary>The owners of which hints are being changed, in order.</summary>
    public IEnumerable<NodeId> Owners => _layers.Keys;

    public void Clear() => _layers.Clear();

    /// <summary>Takes a change that waits on top of what waits already.</summary>
    public void Add(StoreImage image, StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PutHint put:
                Set(image, put.Hint.Owner, put.Hint.Key, put.Hint);
                break;
            case StoreChange.RemoveHint remove:
                var hint = Find(image, remove.Owner, remove.Key);
                Set(image, remove.Owner, remove.Key, hint?.Stamp == remove.Stamp ? null : hint);
                break;
        }
    }

    /// <summary>A hint as it will be.</summary>
    public Hint? Find(StoreImage image, NodeId owner, Key key) =>
        _layers.TryGetValue(owner, out var layer) && layer.Hints.TryGetValue(key, out var hint) ? hint : image.Hint(owner, key);

    /// <summary>How many hints an owner will have.</summary>
    public int Count(StoreImage image, NodeId owner) =>
        image.HintCount(owner) + (_layers.TryGetValue(owner, out var layer) ? layer.Added : 0);

    /// <summary>The keys of an owner's hints that are new.</summary>
    public List<Key>? NewKeys(StoreImage image, NodeId owner)
    {
        if (!_layers.TryGetValue(owner, out var layer)) return null;
        List<Key>? added = null;
        foreach (var (key, hint) in layer.Hints)
            if (hint is not null && image.Hint(owner, key) is null) (added ??= []).Add(key);
        return added;
    }

    private void Set(StoreImage image, NodeId owner, Key key, Hint? hint)
    {
        if (!_layers.TryGetValue(owner, out var layer)) _layers.Add(owner, layer = new Layer());
        layer.Added += (hint is null ? 0 : 1) - (Find(image, owner, key) is null ? 0 : 1);
        layer.Hints[key] = hint;
    }

    private sealed class Layer
    {
        public Dictionary<Key, Hint?> Hints { get; } = [];

        public int Added { get; set; }
    }
}
