using Dynamo.Core;
using Dynamo.Core.Tests;
using Dynamo.Core.Tests.Membership;

namespace Dynamo.Fuzz;

/// <summary>Frames between nodes: all messages, whole, damaged and invented.</summary>
public sealed class WireTarget : FuzzTarget
{
    private byte[] _frame = [], _other = [];
    private long _made;

    public override string Name => "wire";

    public override IReadOnlyList<string> Expected =>
        ["valid: read", "mutated: read", "mutated: refused", "cut: refused", "length bomb: refused", "spliced: refused", "random: refused"];

    public override long? MostAllocated(int inputBytes) => 40_000 + (400L * inputBytes);

    public override byte[] Make(Prng random, out string kind)
    {
        // A frame is made into some inputs, every kind of message in turn.
        if (_made++ % 16 == 0)
        {
            _other = _frame;
            var first = WireCases.Messages[(int)(_made / 16 % WireCases.Messages.Length)](random);
            _frame = WireCases.Frame(first, WireCases.Messages[random.Below(WireCases.Messages.Length)](random));
        }

        return Damage(random, _frame, _other, out kind);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        if (!WireCodec.TryReadFrame(input.Span, out var from, out var messages, out var error)) return Refused(error);
        var writer = new WireWriter();
        WireCodec.WriteFrame(writer, from, messages);
        if (!WireCodec.TryReadFrame(writer.Written, out _, out var again, out error)) throw new FuzzException($"Written anew it is refused: {error}");
        var anew = new WireWriter();
        WireCodec.WriteFrame(anew, from, again);
        return anew.Written.SequenceEqual(writer.Written) ? "read" : throw new FuzzException("Written anew it means something else.");
    }
}

/// <summary>Records and version vectors, as rows and messages hold them.</summary>
public sealed class RecordTarget : FuzzTarget
{
    private byte[] _record = [1], _other = [1];
    private long _made;

    public override string Name => "record";

    public override IReadOnlyList<string> Expected => ["valid: read", "mutated: read", "mutated: refused", "cut: refused", "length bomb: refused", "random: refused"];

    public override long? MostAllocated(int inputBytes) => 20_000 + (200L * inputBytes);

    public override byte[] Make(Prng random, out string kind)
    {
        if (_made++ % 16 == 0) (_other, _record) = (_record, RecordCodec.ToBytes(Any.Record(random)));
        return Damage(random, _record, _other, out kind);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        var bytes = input.ToArray();
        if (!RecordCodec.TryRead(bytes, out var record)) return "refused";
        if (!RecordCodec.OfBytes(bytes).Equals(record)) throw new FuzzException("Read later it means something else.");
        // Without the bytes that it came as, which it would go on as.
        return Record.TryCreate(record.Clock, record.Siblings, out var bare)
            && RecordCodec.TryRead(RecordCodec.ToBytes(bare), out var again) && again.Equals(record)
                ? "read"
                : throw new FuzzException("Written anew it means something else.");
    }
}

/// <summary>Contexts of clients: damaged, of other keys, and with a good checksum around nonsense.</summary>
public sealed class ContextTarget : FuzzTarget
{
    private static readonly ContextCodec Codec = new("the cluster's key"u8);
    private static readonly Key Key = Key.Of("carts", "alice"), OtherKey = Key.Of("carts", "bob");

    public override string Name => "context";

    public override IReadOnlyList<string> Expected =>
        ["valid: read", "mutated: refused", "cut: refused", "random: refused", "forged: read", "forged: refused", "another key's: refused"];

    public override long? MostAllocated(int inputBytes) => 20_000 + (200L * inputBytes);

    public override byte[] Make(Prng random, out string kind)
    {
        var context = new CausalContext(Any.Vector(random), Any.MaybeNode(random), (long)random.Next());
        var token = Codec.Encode(Key, context);
        switch (random.Below(4))
        {
            case 0:
                kind = "forged";
                return Codec.Seal(Key, Mutation.Of(random, token[9..]));
            case 1 when random.Chance(0.1):
                kind = "another key's";
                return Codec.Encode(OtherKey, context);
            default:
                return Damage(random, token, token, out kind);
        }
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        if (!Codec.TryDecode(Key, input.Span, out var context, out var error)) return Refused(error);
        return Codec.TryDecode(Key, Codec.Encode(Key, context), out var again, out _) && again.Vector.Equals(context.Vector)
            ? "read"
            : throw new FuzzException("Written anew it means something else.");
    }
}

/// <summary>What a node reads back of the membership and the buckets' properties from its own disk.</summary>
public sealed class CellsTarget : FuzzTarget
{
    private byte[] _cell = [1], _other = [1];
    private long _made;

    public override string Name => "cells";

    public override IReadOnlyList<string> Expected => ["valid: read", "mutated: refused", "cut: refused", "length bomb: refused", "random: refused"];

    public override byte[] Make(Prng random, out string kind)
    {
        if (_made++ % 16 == 0)
        {
            _other = _cell;
            var writer = new WireWriter();
            writer.Byte((byte)random.Below(4));
            var history = AnyMembership.Founded(random);
            for (var i = random.Below(3); i > 0; i--) history = history.Add(AnyMembership.Commit(random, history));
            if (writer.Written[0] == 0) history.Founding.Write(writer);
            else if (writer.Written[0] == 1) history.Write(writer);
            else if (writer.Written[0] == 2) RingOwners.Of(history.Fold().Current).Write(writer);
            else
            {
                writer.Byte(1);
                WireCodec.Write(writer, WireCases.Messages.Select(m => m(random)).OfType<GossipState>().First());
            }

            _cell = writer.ToArray();
        }

        return Damage(random, _cell, _other, out kind);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return "refused";
        var reader = new WireReader(input.Span[1..]);
        object? read = input.Span[0] switch
        {
            0 => Founding.Read(ref reader),
            1 => MembershipHistory.Read(ref reader),
            2 => RingOwners.Read(ref reader),
            3 => Gossip.Recall(input[1..]) is { IsEmpty: false } found ? found : null,
            _ => null,
        };
        // A history that was read is folded, as at a start.
        if (read is MembershipHistory history && !reader.Failed) _ = history.Fold();
        return read is not null && !reader.Failed ? "read" : "refused";
    }
}
