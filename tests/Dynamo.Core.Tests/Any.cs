using System.Collections.Immutable;
using System.Text;

namespace Dynamo.Core.Tests;

/// <summary>Random values of Core's types, out of a seeded generator: the same seed makes the same test.</summary>
internal static class Any
{
    private static readonly string[] Letters = ["a", "Z", "0", " ", "-", "é", "€", "\U0001F600"];

    private static readonly string[] Buckets = ["b", "carts", "été", "a bucket with spaces", new string('x', 255)];

    public static NodeId Node(Prng random) => new($"node{random.Below(5) + 1}");

    public static NodeId MaybeNode(Prng random) => random.Chance(0.3) ? default : Node(random);

    public static RequestId Id(Prng random) => new(random.Chance(0.2) ? random.Next() : (ulong)random.Below(1000));

    public static PartitionId Partition(Prng random) => new(random.Below(PartitionId.MaxCount));

    public static byte[] Bytes(Prng random, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)random.Next();
        return bytes;
    }

    public static Key Key(Prng random)
    {
        var bucket = Buckets[random.Below(Buckets.Length)];
        var name = Bytes(random, random.Chance(0.05) ? Core.Key.MaxNameBytes : 1 + random.Below(20));
        Assert.True(Core.Key.TryCreate(bucket, name, out var key, out _));
        return key;
    }

    public static string Text(Prng random)
    {
        var text = new StringBuilder();
        for (var i = random.Below(60); i > 0; i--) text.Append(Letters[random.Below(Letters.Length)]);
        return text.ToString();
    }

    public static Value Value(Prng random)
    {
        var metadata = Core.Value.NoMetadata;
        for (var i = random.Below(3); i > 0; i--) metadata = metadata.SetItem(Text(random), Text(random));
        return new Value
        {
            Body = Bytes(random, random.Chance(0.3) ? 0 : random.Below(200)),
            ContentType = random.Chance(0.5) ? Core.Value.DefaultContentType : "text/plain; charset=utf-8",
            ContentEncoding = random.Chance(0.8) ? "" : "gzip",
            Metadata = metadata,
        };
    }

    public static ReplicaId Replica(Prng random) => new(Node(random), (ulong)random.Below(2) + 0xABCD_0000_0000_0001);

    public static DotRange Range(Prng random)
    {
        var first = random.Chance(0.1) ? ulong.MaxValue - (ulong)random.Below(3) : 1 + (ulong)random.Below(300);
        var length = (ulong)random.Below(4);
        return new DotRange(Replica(random), first, first > ulong.MaxValue - length ? ulong.MaxValue : first + length);
    }

    public static VersionVector Vector(Prng random, int maxRanges = 12) =>
        VersionVector.Of([.. Many(random, maxRanges, Range)]);

    /// <summary>A sound record of any shape; it need not be one that a history could have led to.</summary>
    public static Record Record(Prng random)
    {
        var clock = Vector(random);
        var siblings = new List<Sibling>();
        foreach (var range in clock.Ranges)
            if (random.Chance(0.5)) siblings.Add(Sibling(random, new Dot(range.Replica, range.Last)));
        Assert.True(Core.Record.TryCreate(clock, [.. siblings], out var record));
        return record;
    }

    public static Sibling Sibling(Prng random, Dot dot) => new(
        dot, (long)(random.Next() >> 13) * (random.Chance(0.1) ? -1 : 1), random.Chance(0.2) ? null : Value(random));

    public static ImmutableArray<Sibling> Siblings(Prng random) =>
        Many(random, 4, static r => Sibling(r, new Dot(Replica(r), 1 + (ulong)r.Below(1000))));

    public static QuorumSize Size(Prng random) => random.Below(5) switch
    {
        0 => QuorumSize.Default,
        1 => QuorumSize.Quorum,
        2 => QuorumSize.All,
        _ => QuorumSize.Of(random.Below(QuorumSize.MaxNumber + 1)),
    };

    public static TimeSpan? MaybeSpan(Prng random) =>
        random.Chance(0.5) ? null : TimeSpan.FromTicks(random.Below(1 << 30));

    public static bool? MaybeBool(Prng random) => random.Below(3) switch { 0 => null, 1 => false, _ => true };

    public static GetOptions GetOptions(Prng random) => random.Chance(0.3)
        ? Core.GetOptions.None
        : new GetOptions
        {
            R = Size(random),
            PR = Size(random),
            NotFoundOk = MaybeBool(random),
            BasicQuorum = MaybeBool(random),
            Timeout = MaybeSpan(random),
        };

    public static PutOptions PutOptions(Prng random) => random.Chance(0.3)
        ? Core.PutOptions.None
        : new PutOptions
        {
            W = Size(random),
            PW = Size(random),
            DW = Size(random),
            Timeout = MaybeSpan(random),
            ReturnBody = random.Chance(0.5),
        };

    public static BucketProperties Properties(Prng random)
    {
        var n = 1 + random.Below(BucketProperties.MaxNVal);
        return new BucketProperties
        {
            NVal = n,
            R = random.Chance(0.5) ? QuorumSize.Quorum : QuorumSize.Of(1 + random.Below(n)),
            W = random.Chance(0.5) ? QuorumSize.All : QuorumSize.Of(1 + random.Below(n)),
            PR = random.Chance(0.5) ? QuorumSize.Zero : QuorumSize.Of(random.Below(n)),
            PW = QuorumSize.Of(random.Below(n)),
            DW = random.Chance(0.5) ? QuorumSize.Default : QuorumSize.Of(random.Below(n)),
            NotFoundOk = random.Chance(0.5),
            BasicQuorum = random.Chance(0.5),
            AllowMult = random.Chance(0.5),
            LastWriteWins = random.Chance(0.5),
        };
    }

    public static ImmutableArray<T> Many<T>(Prng random, int max, Func<Prng, T> one)
    {
        var many = ImmutableArray.CreateBuilder<T>();
        for (var i = random.Below(max + 1); i > 0; i--) many.Add(one(random));
        return many.ToImmutable();
    }
}
