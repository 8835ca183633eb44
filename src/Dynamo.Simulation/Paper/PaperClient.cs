using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A client that knows the ring and coordinates its gets itself, with the machine that nodes use.</summary>
internal sealed class PaperClient
{
    private readonly PaperWorld _world;
    private readonly ClusterView _view;
    private readonly NodeId _name;
    private readonly ReadQuorum _quorum;
    private readonly Dictionary<RequestId, (GetCoordinator Get, long Began, List<long> Took)> _open = [];
    private readonly Effects _effects = new();
    private ulong _nextId;

    /// <summary>A client under a name that no node has.</summary>
    public PaperClient(PaperWorld world, NodeId name)
    {
        _world = world;
        _name = name;
        _view = world.ViewOf(name);
        _quorum = ReadQuorum.Resolve(BucketProperties.Standard, GetOptions.None, world.Nodes.Length, out _);
        world.Join(name, OnMessage);
    }

    /// <summary>Reads a key; how long it took is added to <paramref name="took"/>, in microseconds.</summary>
    public void Get(Key key, List<long> took)
    {
        var id = new RequestId(++_nextId);
        var settings = NodeSettings.Standard;
        var targets = ReplicaTargets.Choose(_view, _view.Ring.PartitionOf(key), _quorum.N);
        var get = new GetCoordinator(
            id, key, _quorum, lastWriteWins: false, targets, self: default, _world.Time, settings.RequestTimeout, settings.ReplicaTimeout);
        _open.Add(id, (get, _world.Now, took));
        get.Start(_effects);
        CarryOut();
    }

    // Nothing is lost in this world, so no deadline has to be kept.
    private void OnMessage(NodeId from, Message message)
    {
        if (message is not ReplicaGetReply reply || !_open.TryGetValue(reply.Id, out var open)) return;
        var wasAnswered = open.Get.Result is not null;
        open.Get.OnReply(from, reply, _effects);
        CarryOut();
        if (open.Get.IsFinished) _open.Remove(reply.Id);
        if (wasAnswered || open.Get.Result is not { } result) return;
        Invariant.Holds(result is { Failure: null, Merged.Siblings.Length: > 0 }, "What was written is found.");
        open.Took.Add(_world.Now - open.Began);
    }

    private void CarryOut()
    {
        foreach (var effect in _effects.List)
            if (effect is Effect.Send send) _world.Send(_name, send.To, send.Message);
        _effects.Clear();
    }
}
