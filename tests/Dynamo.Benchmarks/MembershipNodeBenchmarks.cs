using BenchmarkDotNet.Attributes;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Benchmarks;

/// <summary>
/// What a history of 1,000 changes costs a node: when it starts with it, and when it hears of it off the network, all that
/// it does with it included. Under 50 ms each.
/// </summary>
[IterationCount(7)]
[WarmupCount(1)]
public class MembershipNodeBenchmarks
{
    private const int Commits = 1000;
    private static readonly NodeId Self = new("node1");
    private static readonly NodeId Newcomer = new("zed");
    private Founding _founding = null!;
    private ReadOnlyMemory<byte> _cell;
    private byte[] _frame = [];

    [Params("5 nodes, Q 256", "1000 nodes, Q 65536")]
    public string Cluster { get; set; } = "";

    [GlobalSetup]
    public void Settle()
    {
        var large = Cluster[0] == '1';
        _founding = MembershipSamples.Founding(nodes: large ? 1000 : 5, q: large ? 65_536 : 256, zones: 1);
        var history = MembershipSamples.Commits(MembershipHistory.Of(_founding), Self, Commits);
        var last = history.Fold().Current.Digest;
        var standings = _founding.Members.Where(static m => m.Node != Self)
            .Select(m => new Standing(m.Node, 1, last, last, last, last, 0, NValSet.Of(3)));
        var effects = new Effects();
        var member = Start(null);
        member.OnMessage(new NodeId("node2"), new MembershipState(history, [.. standings], WantsReply: false), effects);
        _cell = effects.List.OfType<Effect.Write>().Select(static w => w.Changes[0]).OfType<StoreChange.PutCell>().Last().Bytes;
        effects.Clear();
        member.OnMessage(Newcomer, new MembershipDigest(_founding.ClusterId, 1), effects);
        var said = effects.List.OfType<Effect.Send>().Select(static s => s.Message).OfType<MembershipState>().Single();
        if (said.Settled is null) throw new InvalidOperationException("The ring is missing.");
        var writer = new WireWriter();
        WireCodec.WriteFrame(writer, Self, [said]);
        _frame = writer.ToArray();
    }

    [Benchmark]
    public Ring StartWithIt() => Start(_cell).State.Ring;

    [Benchmark]
    public Ring HearOfIt()
    {
        var newcomer = Start(null, Newcomer);
        if (!WireCodec.TryReadFrame(_frame, out var from, out var messages, out var error))
            throw new InvalidOperationException(error);
        foreach (var message in messages) newcomer.OnMessage(from, message, new Effects());
        return newcomer.State.Ring;
    }

    private Membership Start(ReadOnlyMemory<byte>? cell, NodeId self = default) =>
        new(self.IsNone ? Self : self, _founding, cell, new MemoryEngine(), NodeSettings.Standard, 1);
}
