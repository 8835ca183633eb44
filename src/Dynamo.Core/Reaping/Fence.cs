namespace Dynamo.Core;

/// <summary>A mark that a node has set for the records sent to it: what bears an older one was sent before and is refused.</summary>
/// <param name="Run">A random number of the node's process; another run's marks say nothing.</param>
/// <param name="Number">Grows by one each time the fence is moved.</param>
public readonly record struct Fence(ulong Run, long Number);

/// <summary>Refuses records, and puts to be coordinated, that were sent to this node before its fence was last moved but one.</summary>
/// <remarks>
/// <code>
///   others send with 7        others learn 8         others learn 9
///   ------|-------------------------|-------------------------|------>  this node's fence
///         7: 6 and 7 pass           8: 7 and 8 pass           9: what was stamped 7 is dead from here on
/// </code>
/// A message may be late by any time, and no clock says by how much. But a message stamped before this node asked
/// everybody a question bears a mark no newer than its fence then; two moves later it is certain never to be
/// let in. A forwarded put that comes when the node that has carried it out remembers nothing of it would
/// write an old value anew. Being refused is like being lost, so nothing else depends on it. A mark is this process's own: after a
/// restart nothing that was sent before is let in.
/// </remarks>
public sealed class FenceGate
{
    private readonly NodeId _self;
    private readonly NodeSettings _settings;
    private readonly SortedDictionary<NodeId, Fence> _marks = [];
    private ClusterView? _view;
    private Instant _moved;

    /// <summary>A gate of a new run.</summary>
    /// <param name="self">The node.</param>
    /// <param name="settings">How often the fence may be moved.</param>
    /// <param name="entropy">Random, different in each run.</param>
    public FenceGate(NodeId self, NodeSettings settings, ulong entropy)
    {
        _self = self;
        _settings = settings;
        Mine = new Fence(entropy | 1, 1);
    }

    /// <summary>This node's present mark.</summary>
    public Fence Mine { get; private set; }

    /// <summary>A new view: who has come into reach is told the mark.</summary>
    public void OnView(ClusterView view, Effects effects)
    {
        foreach (var node in view.Everybody)
            if (node != _self && view.IsReachable(node) && _view?.IsReachable(node) != true) effects.Send(node, new FenceIs(Mine));
        _view = view;
    }

    /// <summary>A message on its way out, with the receiver's mark as far as it is known here.</summary>
    public Message Stamp(NodeId to, Message message) => message switch
    {
        ReplicaPut put => put with { Fence = _marks.GetValueOrDefault(to) },
        ForwardPut forward => forward with { Fence = _marks.GetValueOrDefault(to) },
        _ => message,
    };

    /// <summary>Whether a message that came in may pass; a sender whose mark is too old is told the present one.</summary>
    public bool Admits(NodeId from, Message message, Effects effects)
    {
        if (from == _self) return true;
        switch (message)
        {
            case ReplicaPut when _view?.Rings?.Newcomers.Contains(from) == true:
                return false;
            case ReplicaPut put when !IsPresent(put.Fence):
                effects.Observe(new Observation.Fenced(from));
                // In this order, so that who tries again at once knows the mark.
                effects.Send(from, new FenceIs(Mine));
                effects.Send(from, new ReplicaPutReply(put.Id, Durable: false, WriteRefusal.Fenced, put.IntendedFor));
                return false;
            case ForwardPut forward when !IsPresent(forward.Fence):
                effects.Observe(new Observation.Fenced(from));
                // Whether it was carried out by an earlier run of this node is not known, so there is nothing to say.
                effects.Send(from, new FenceIs(Mine));
                return false;
            default:
                return true;
        }
    }

    private bool IsPresent(Fence fence) => fence.Run == Mine.Run && fence.Number >= Mine.Number - 1;

    /// <summary>Another node's word about its mark, or a reaper's wish that this node's be moved.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case FenceIs { Fence: var fence }:
                var known = _marks.GetValueOrDefault(from);
                if (known.Run != fence.Run || known.Number < fence.Number) _marks[from] = fence;
                break;
            case ReapAsk { Stage: ReapStage.Fence } ask:
                // The answer names the mark before the move: what was sent until now bears no newer one.
                effects.Send(from, new ReapReply(ask.Id, Mine.Run, Mine.Number, []));
                if (now >= _moved + _settings.FenceEvery) Move(now, effects);
                break;
        }
    }

    private void Move(Instant now, Effects effects)
    {
        _moved = now;
        Mine = Mine with { Number = Mine.Number + 1 };
        if (_view is null) return;
        foreach (var node in _view.Everybody)
            if (node != _self) effects.Send(node, new FenceIs(Mine));
    }
}
