using System.Collections.Immutable;

namespace Dynamo.Core;

// The parts of messages about hash trees.
public static partial class WireCodec
{
    private const int MinLeafEntryBytes = MinKeyBytes + 8;

    private static void Places(WireWriter to, ImmutableArray<int> places)
    {
        to.Count(places.Length);
        foreach (var place in places) to.Count(place);
    }

    private static ImmutableArray<int> Places(ref WireReader from)
    {
        var count = from.Count(MerkleTree.Leaves);
        if (count == 0 || !from.HasRoomFor(count, 1)) return [];
        var places = ImmutableArray.CreateBuilder<int>(count);
        for (var i = 0; i < count; i++) places.Add(from.Count(MerkleTree.Leaves - 1));
        return places.MoveToImmutable();
    }

    private static void Hashes(WireWriter to, ImmutableArray<ulong> hashes)
    {
        to.Count(hashes.Length);
        foreach (var hash in hashes) to.Fixed64(hash);
    }

    private static ImmutableArray<ulong> Hashes(ref WireReader from)
    {
        var count = from.Count(MerkleTree.Leaves);
        if (count == 0 || !from.HasRoomFor(count, 8)) return [];
        var hashes = ImmutableArray.CreateBuilder<ulong>(count);
        for (var i = 0; i < count; i++) hashes.Add(from.Fixed64());
        return hashes.MoveToImmutable();
    }

    private static void Entries(WireWriter to, ImmutableArray<LeafEntry> entries)
    {
        to.Count(entries.Length);
        foreach (var entry in entries)
        {
            Key(to, entry.Key);
            to.Fixed64(entry.Versions);
        }
    }

    private static ImmutableArray<LeafEntry> Entries(ref WireReader from)
    {
        var count = from.Count(ReplicaTrees.MaxPage);
        if (count == 0 || !from.HasRoomFor(count, MinLeafEntryBytes)) return [];
        var entries = ImmutableArray.CreateBuilder<LeafEntry>(count);
        for (var i = 0; i < count && !from.Failed; i++) entries.Add(new LeafEntry(Key(ref from), from.Fixed64()));
        return entries.DrainToImmutable();
    }
}
