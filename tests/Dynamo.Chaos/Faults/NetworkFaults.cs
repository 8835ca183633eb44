using Dynamo.Chaos.Beds;

namespace Dynamo.Chaos.Faults;

/// <summary>Some nodes are cut from the others; clients reach all of them.</summary>
internal sealed class CutFault(IReadOnlyList<int> nodes, bool bothWays) : Fault
{
    private int[] _silenced = [];

    public override string Description => bothWays ? $"{Names(nodes)} cut from the others" : $"{Names(nodes)} hears the others and is not heard";

    public override IReadOnlyList<int> Silenced => _silenced;

    public override Task Begin(Fleet fleet, CancellationToken cancel)
    {
        // Who is alone has no quorum; and who is not heard has nobody who answers.
        int[] others = [.. Enumerable.Range(0, fleet.Count).Except(nodes)];
        _silenced = [.. bothWays && nodes.Count >= Fleet.Quorum ? [] : nodes, .. others.Length >= Fleet.Quorum ? [] : others];
        foreach (var node in nodes)
        {
            for (var other = 0; other < fleet.Count; other++)
            {
                if (nodes.Contains(other)) continue;
                fleet.Bed.Switch!.Set(node, other, Line.Cut);
                if (bothWays) fleet.Bed.Switch!.Set(other, node, Line.Cut);
            }
        }

        return Task.CompletedTask;
    }

    public override Task End(Fleet fleet, CancellationToken cancel)
    {
        fleet.Bed.Switch!.HealAll();
        return Task.CompletedTask;
    }
}

/// <summary>Packets between some nodes and all others are lost at random, or delayed; those of clients are not.</summary>
internal sealed class SlowFault(IReadOnlyList<int> nodes, double loss, int delay, int jitter) : Fault
{
    public override string Description => loss > 0
        ? $"{loss:P0} of the packets of {Names(nodes)} lost"
        : $"packets of {Names(nodes)} delayed by {delay} to {delay + jitter} ms";

    public override IReadOnlyList<int> Silenced => [];

    public override Task Begin(Fleet fleet, CancellationToken cancel)
    {
        var line = new Line(loss, TimeSpan.FromMilliseconds(delay), TimeSpan.FromMilliseconds(jitter));
        foreach (var node in nodes)
        {
            for (var other = 0; other < fleet.Count; other++)
            {
                if (other == node) continue;
                fleet.Bed.Switch!.Set(node, other, line);
                fleet.Bed.Switch!.Set(other, node, line);
            }
        }

        return Task.CompletedTask;
    }

    public override Task End(Fleet fleet, CancellationToken cancel)
    {
        fleet.Bed.Switch!.HealAll();
        return Task.CompletedTask;
    }
}
