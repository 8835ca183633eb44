using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Makes replicas agree at the end of a run, by reading every key from all of its owners, which repairs those that are behind.</summary>
/// <remarks>
/// The one place where agreement is brought about from outside. A cluster with anti-entropy gets there by itself: then a
/// settling that only waits takes this one's place.
/// </remarks>
internal sealed class ReadRepairSettling(Simulator simulator, RandomWorkload workload, IReadOnlyList<Key> keys)
{
    private const int MostPasses = 8;
    private const int AtATime = 32;
    private static readonly GetOptions FromAll = new() { R = QuorumSize.All, Timeout = TimeSpan.FromSeconds(5) };
    private readonly Prng _random = new(simulator.Environment.Seed ^ 0x5E771E);

    /// <summary>Reads until all owners of every key hold the same.</summary>
    /// <returns>Whether they came to agree; who does not is found by the checker of convergence.</returns>
    public bool Run()
    {
        for (var pass = 0; pass < MostPasses; pass++)
        {
            IReadOnlyList<Key> rest = [.. keys.Where(key => !Agree(key))];
            if (rest.Count == 0) return true;
            // A damaged row is noticed by being read, so one pass for all and further ones for what was repaired late.
            ReadAll(rest, FromAll);
            simulator.Run(200_000);
        }

        return keys.All(Agree);
    }

    /// <summary>Reads every key once more, as any client would, for checkers to compare with what the owners hold.</summary>
    public void ReadOnce() => ReadAll(keys, GetOptions.None);

    private void ReadAll(IReadOnlyList<Key> keys, GetOptions options)
    {
        for (var at = 0; at < keys.Count; at += AtATime)
        {
            var open = 0;
            for (var i = at; i < Math.Min(at + AtATime, keys.Count); i++)
            {
                open++;
                var node = simulator.Nodes[_random.Below(simulator.Nodes.Count)];
                workload.Read(node, keys[i], options, _ => open--);
            }

            simulator.Run(10_000_000, () => open == 0);
        }
    }

    private bool Agree(Key key)
    {
        var partition = simulator.Ring.PartitionOf(key);
        Record? first = null;
        foreach (var owner in simulator.Ring.PreferenceList(partition, 3))
        {
            var disk = simulator.NodeOf(owner).Disk;
            var read = disk.Read(partition, key);
            if (read.Status == StoreReadStatus.Corrupt || read.Queued) return false;
            var record = read.Stored?.Record ?? Record.Empty;
            if (first is null) first = record;
            else if (!first.HasSameVersions(record)) return false;
        }

        return true;
    }
}
