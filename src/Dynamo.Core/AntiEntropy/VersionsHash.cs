namespace Dynamo.Core;

/// <summary>A number for what a record knows and keeps: equal records have equal ones, on every node and in every run.</summary>
/// <remarks>
/// It covers the clock and the siblings' dots, which name their values, so no value is read. Two different records agree
/// by chance once in 2^64.
/// </remarks>
public static class VersionsHash
{
    /// <summary>The hash of a record's versions; 0 for a record that knows nothing.</summary>
    public static ulong Of(Record record)
    {
        if (record.Clock.IsEmpty) return 0;
        var hash = 0x9E3779B97F4A7C15UL;
        foreach (ref readonly var range in record.Clock.Ranges)
        {
            hash = Mix(hash, range.Replica);
            hash = Mix(Mix(hash ^ range.First) ^ range.Last);
        }

        foreach (var sibling in record.Siblings) hash = Mix(Mix(hash, sibling.Dot.Replica) ^ sibling.Dot.Counter);
        return hash == 0 ? 1 : hash;
    }

    /// <summary>What one key adds to the sums of a tree: its place and its versions together.</summary>
    internal static ulong OfItem(Key key, Record record) =>
        Mix(Mix((ulong)(key.Position.Value >> 64)) ^ (ulong)key.Position.Value ^ Of(record));

    private static ulong Mix(ulong hash, in ReplicaId replica) =>
        Mix(Mix(hash ^ StableHash.Of(replica.Node.Name)) ^ replica.Generation);

    // SplitMix64's last step: every bit of the input moves about half of the output's.
    internal static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
