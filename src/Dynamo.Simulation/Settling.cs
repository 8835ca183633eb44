using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Says whether a healed cluster has come to agree by itself, and reads every key once when it has.</summary>
internal sealed class Settling(Simulator simulator, RandomWorkload workload, IReadOnlyList<Key> keys)
{
    private const int AtATime = 32;
    private readonly Prng _random = new(simulator.Environment.Seed ^ 0x5E771E);

    /// <summary>Whether all owners of every key hold the same.</summary>
    public bool HaveAgreed() => keys.All(key => Merged(key) is not null);

    /// <summary>Whether nobody but its owners holds a row of any key.</summary>
    public bool HaveDropped() => !keys.Any(key => simulator.StraysOf(key).Any());

    /// <summary>Keys of which the owners hold nothing but that they are deleted.</summary>
    public int Tombstones() => keys.Count(key => Merged(key) is { IsDeleted: true });

    /// <summary>Reads every key as any client would, for checkers to compare with what the owners hold.</summary>
    public void ReadOnce()
    {
        SimulatedNode[] members = [.. simulator.Members];
        for (var at = 0; at < keys.Count; at += AtATime)
        {
            var open = 0;
            for (var i = at; i < Math.Min(at + AtATime, keys.Count); i++)
            {
                open++;
                var node = members[_random.Below(members.Length)];
                workload.Read(node, keys[i], GetOptions.None, _ => open--);
            }

            simulator.Run(10_000_000, () => open == 0);
        }
    }

    // What all owners hold; null while they do not hold the same. A damaged row counts as nothing, which is the last word
    // when nobody has anything better.
    private Record? Merged(Key key)
    {
        var partition = simulator.Ring.PartitionOf(key);
        Record? first = null;
        foreach (var owner in simulator.Ring.PreferenceList(partition, 3))
        {
            var read = simulator.NodeOf(owner).Disk.Read(partition, key);
            if (read.Queued) return null;
            var record = read.Stored?.Record ?? Record.Empty;
            if (first is null) first = record;
            else if (!first.HasSameVersions(record)) return null;
        }

        return first;
    }
}
