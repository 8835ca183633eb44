using System.Collections.Immutable;

namespace Dynamo.Core;

// The parts of messages about reaping.
public static partial class WireCodec
{
    // A key, n_val, the versions, an empty clock and no dots.
    private const int MinItemBytes = MinKeyBytes + 16 + 1 + 8 + 1 + 1;
    private const int MaxItems = 10_000;

    private static void Fence(WireWriter to, Fence fence)
    {
        to.Fixed64(fence.Run);
        to.Number((ulong)fence.Number);
    }

    private static Fence Fence(ref WireReader from) => new(from.Fixed64(), (long)from.Number());

    private static void Reaped(WireWriter to, Message message)
    {
        switch (message)
        {
            case ReapRemove m:
                Head(to, MessageTag.ReapRemove, m.Id);
                Partition(to, m.Partition);
                Items(to, m.Items);
                to.Number(m.Term);
                to.Number(m.Number);
                break;
            case ReapedIs m:
                to.Byte((byte)MessageTag.ReapedIs);
                Partition(to, m.Partition);
                to.Number(m.Number);
                break;
            case ReapedAsk m:
                Head(to, MessageTag.ReapedAsk, m.Id);
                Partition(to, m.Partition);
                break;
            case ReapedReply m:
                Head(to, MessageTag.ReapedReply, m.Id);
                to.Number(m.Reaped);
                break;
        }
    }

    private static Message Reaped(MessageTag tag, ref WireReader from) => tag switch
    {
        MessageTag.ReapRemove => new ReapRemove(
            Id(ref from), Partition(ref from), Items(ref from), from.Number(), from.Number()),
        MessageTag.ReapedIs => new ReapedIs(Partition(ref from), from.Number()),
        MessageTag.ReapedAsk => new ReapedAsk(Id(ref from), Partition(ref from)),
        _ => new ReapedReply(Id(ref from), from.Number()),
    };

    private static void Items(WireWriter to, ImmutableArray<ReapItem> items)
    {
        to.Count(items.Length);
        foreach (var item in items)
        {
            PlacedKey(to, item.Key);
            to.Count(item.NVal);
            to.Fixed64(item.Versions);
            RecordCodec.Write(to, item.Clock);
            RecordCodec.Write(to, item.Live);
        }
    }

    private static ImmutableArray<ReapItem> Items(ref WireReader from)
    {
        var count = from.Count(MaxItems);
        if (count == 0 || !from.HasRoomFor(count, MinItemBytes)) return [];
        var items = ImmutableArray.CreateBuilder<ReapItem>(count);
        for (var i = 0; i < count && !from.Failed; i++)
            items.Add(new ReapItem(
                PlacedKey(ref from), from.Count(Core.BucketProperties.MaxNVal), from.Fixed64(),
                RecordCodec.ReadVector(ref from), RecordCodec.ReadVector(ref from)));
        return items.DrainToImmutable();
    }
}
