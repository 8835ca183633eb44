using Dynamo.Client;
using Dynamo.Core;
using Dynamo.Core.Tests;
using Dynamo.Fuzz;

namespace Dynamo.Actors.Fuzz;

/// <summary>Batches between clients and nodes, in either direction: each is made whole and then damaged.</summary>
public abstract class ClientBatchTarget : FuzzTarget
{
    private byte[] _batch = [1], _other = [1];
    private long _made;

    public sealed override IReadOnlyList<string> Expected =>
        ["valid: read", "mutated: read", "mutated: refused", "cut: refused", "length bomb: refused", "spliced: refused", "random: refused"];

    public sealed override long? MostAllocated(int inputBytes) => 40_000 + (400L * inputBytes);

    public sealed override byte[] Make(Prng random, out string kind)
    {
        if (_made++ % 16 == 0)
        {
            var writer = new WireWriter();
            Write(writer, random, 1 + random.Below(4));
            (_other, _batch) = (_batch, writer.ToArray());
        }

        return Damage(random, _batch, _other, out kind);
    }

    /// <summary>Writes a batch of so many entries.</summary>
    protected abstract void Write(WireWriter writer, Prng random, int count);
}

/// <summary>Batches of requests that reach a node's gateway from clients.</summary>
public sealed class ClientRequestsTarget : ClientBatchTarget
{
    public override string Name => "client-requests";

    public override string Try(ReadOnlyMemory<byte> input)
    {
        if (!ClientCodec.TryRead(input.Span, out List<(ulong Correlation, ClientRequest Request)> requests, out var error)) return Refused(error);
        var writer = new WireWriter();
        ClientCodec.WriteHead(writer, requests.Count);
        foreach (var (correlation, request) in requests) ClientCodec.Write(writer, correlation, request);
        if (!ClientCodec.TryRead(writer.Written, out List<(ulong Correlation, ClientRequest Request)> again, out error))
            throw new FuzzException($"Written anew it is refused: {error}");
        return again.Count == requests.Count ? "read" : throw new FuzzException("Written anew it means something else.");
    }

    protected override void Write(WireWriter writer, Prng random, int count)
    {
        ClientCodec.WriteHead(writer, count);
        for (var i = 0; i < count; i++) ClientCodec.Write(writer, random.Next(), Request(random));
    }

    private static ClientRequest Request(Prng random) => random.Below(5) switch
    {
        0 => new GetRequest(Any.Key(random), Any.GetOptions(random)),
        1 => new PutRequest(Any.Key(random), Any.Bytes(random, random.Below(40)), Any.Value(random), Any.PutOptions(random)),
        2 => new DeleteRequest(Any.Key(random), Any.Bytes(random, random.Below(40)), Any.PutOptions(random), Any.GetOptions(random)),
        3 => new IncrementRequest(Any.Key(random), (long)random.Next(), Any.PutOptions(random)),
        _ => new OwnerReadRequest(Any.Key(random), random.Next(), random.Below(int.MaxValue), Any.GetOptions(random)),
    };
}

/// <summary>Batches of answers that reach a client from nodes.</summary>
public sealed class ClientRepliesTarget : ClientBatchTarget
{
    public override string Name => "client-replies";

    public override string Try(ReadOnlyMemory<byte> input)
    {
        if (!ClientCodec.TryRead(input.Span, out List<(ulong Correlation, Outcome Outcome)> outcomes, out var version, out var error))
            return Refused(error);
        var writer = new WireWriter();
        ClientCodec.WriteReplyHead(writer, version, outcomes.Count);
        foreach (var (correlation, outcome) in outcomes) ClientCodec.Write(writer, correlation, outcome);
        if (!ClientCodec.TryRead(writer.Written, out List<(ulong Correlation, Outcome Outcome)> again, out _, out error))
            throw new FuzzException($"Written anew it is refused: {error}");
        return again.Count == outcomes.Count ? "read" : throw new FuzzException("Written anew it means something else.");
    }

    protected override void Write(WireWriter writer, Prng random, int count)
    {
        ClientCodec.WriteReplyHead(writer, random.Next(), count);
        for (var i = 0; i < count; i++) ClientCodec.Write(writer, random.Next(), Answer(random));
    }

    private static Outcome Answer(Prng random) => random.Below(4) switch
    {
        0 => Found(random),
        1 => new NotFound(Any.Bytes(random, random.Below(40)), (long)random.Next()),
        2 => new NotReady(Any.Text(random)),
        _ => new OwnerRead(
            new ReadQuorum(random.Below(17), random.Below(17), random.Below(17), random.Chance(0.5), random.Chance(0.5)),
            random.Next(), random.Chance(0.5) ? null : Found(random)),
    };

    private static Found Found(Prng random) => new(Any.Siblings(random), Any.Bytes(random, random.Below(40)));
}
