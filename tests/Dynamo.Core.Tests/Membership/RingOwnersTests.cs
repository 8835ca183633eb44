using Dynamo.Storage;
using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>A long history is placed by nobody twice: not at a start, and not where it arrives with the ring it has come to.</summary>
public class RingOwnersTests(ITestOutputHelper output)
{
    private const int Changes = 40;

    [Fact]
    public void A_start_places_only_what_comes_after_the_ring_that_was_settled()
    {
        var history = Long();
        var node = Member(history, settled: Changes - 1, out var cell);
        var again = new Core.Membership(Node("a"), history.Founding, cell, new MemoryEngine(), NodeSettings.Standard, 1);
        Assert.Equal((node.State.Settled, node.State.Next), (again.State.Settled, again.State.Next));
        Assert.Equal((Changes - 1, Changes), (again.State.Settled.Number, again.State.Next!.Number));
        Assert.Equal(Owners(Afresh(history).Fold().Current.Ring), Owners(again.State.Next.Ring));
        Assert.Equal(Owners(Afresh(history).Fold().Versions[^2].Ring), Owners(again.State.Settled.Ring));
        AssertPlaced(again.History, Changes - 1, Changes);
    }

    [Fact]
    public void A_newcomer_that_is_told_a_long_history_places_none_of_it()
    {
        var history = Long();
        var member = Member(history, settled: Changes, out _);
        var newcomer = new Core.Membership(Node("z"), history.Founding, null, new MemoryEngine(), NodeSettings.Standard, 1);
        foreach (var said in Exchange(newcomer, member)) newcomer.OnMessage(Node("a"), said, new Effects());
        Assert.Equal(Changes, newcomer.State.Settled.Number);
        Assert.Null(newcomer.State.Next);
        Assert.Equal(Owners(Afresh(history).Fold().Current.Ring), Owners(newcomer.State.Ring));
        AssertPlaced(newcomer.History, Changes);
    }

    [Fact]
    public void Without_the_ring_or_with_a_damaged_one_the_newcomer_comes_to_the_same()
    {
        var history = Long();
        var member = Member(history, settled: Changes, out var cell);
        foreach (var said in Exchange(new Core.Membership(Node("z"), history.Founding, null, new MemoryEngine(), NodeSettings.Standard, 1), member))
        {
            var newcomer = new Core.Membership(Node("z"), history.Founding, null, new MemoryEngine(), NodeSettings.Standard, 1);
            newcomer.OnMessage(Node("a"), said with { Settled = null }, new Effects());
            Assert.Equal(Owners(Afresh(history).Fold().Current.Ring), Owners(newcomer.State.Ring));
        }

        // The checksum is the last of the cell.
        var damaged = cell.ToArray();
        damaged[^12] ^= 1;
        var restarted = new Core.Membership(Node("a"), history.Founding, damaged, new MemoryEngine(), NodeSettings.Standard, 1);
        Assert.Equal((member.State.Settled, member.State.Next), (restarted.State.Settled, restarted.State.Next));
        Assert.False(restarted.History.Fold().Versions[^1].IsPlaced);
        Assert.Equal(Owners(member.State.Ring), Owners(restarted.State.Ring));
    }

    [Fact]
    public void The_ring_is_told_to_whoever_may_lack_it_and_to_nobody_else()
    {
        var history = Long();
        var member = Member(history, settled: Changes, out _);
        var effects = new Effects();
        member.OnMessage(Node("b"), State(history, Changes) with { WantsReply = true }, effects);
        Assert.Null(Said(effects).Single().Settled);
        effects.Clear();
        member.OnMessage(Node("z"), new MembershipState(MembershipHistory.Of(history.Founding), [], WantsReply: true), effects);
        Assert.NotNull(Said(effects).Single().Settled);
        effects.Clear();
        member.OnMessage(Node("b"), new MembershipDigest(history.Founding.ClusterId, 1), effects);
        Assert.NotNull(Said(effects).Single().Settled);

        // A newcomer that nobody has heard yet gets it with the commit that lets it in; the members have it.
        effects.Clear();
        Assert.Equal("", member.Stage(Change("join z"), null, force: false));
        Assert.Equal("", member.Commit(member.Plan(null), effects));
        var write = effects.List.OfType<Effect.Write>().Last();
        effects.Clear();
        member.OnWritten(write.Id, WriteResult.Durable, effects);
        Assert.Empty(effects.List);
        member.OnMessage(Node("a"), new RequestsEnded(member.State.Stamp), effects);
        Assert.Equal(
            ["b False", "c False", "z True"],
            effects.List.OfType<Effect.Send>().Select(s => $"{s.To} {((MembershipState)s.Message).Settled is not null}"));
    }

    [Fact]
    public void Rings_that_follow_an_adopted_one_are_those_that_everybody_places()
    {
        int adopted = 0, followed = 0, violated = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            for (var i = random.Below(8); i >= 0; i--) history = history.Add(Commit(random, history));
            var placed = history.Fold().Versions;
            var at = random.Below(placed.Length);
            var received = Afresh(history);
            Assert.True(Travelled(RingOwners.Of(placed[at])).AdoptInto(received));
            var versions = received.Fold().Versions;
            Assert.Equal(Enumerable.Range(0, placed.Length).Select(i => i == at), versions.Select(v => v.IsPlaced));
            Assert.Equal(placed.Select(v => Owners(v.Ring)).Skip(at), versions.Skip(at).Select(v => Owners(v.Ring)));
            Assert.Equal(
                placed.Skip(at).SelectMany(v => v.Violations), versions.Skip(at).SelectMany(v => v.Violations));
            adopted++;
            followed += placed.Length - 1 - at;
            violated += placed[at].Violations.Length;
        }

        output.WriteLine($"{adopted} adopted with {violated} violations, {followed} rings placed on them.");
        Assert.True(followed > 50 && violated > 20);
    }

    [Fact]
    public void What_does_not_belong_is_not_adopted_and_damage_is_refused_in_a_sentence()
    {
        var history = Long();
        var snapshot = RingOwners.Of(history.Fold().Current);
        Assert.False(snapshot.AdoptInto(MembershipHistory.Of(history.Founding)));
        Assert.False(snapshot.AdoptInto(History("a b c", q: 128)));
        Assert.True(snapshot.AdoptInto(history));
        var writer = new WireWriter();
        snapshot.Write(writer);
        var refused = 0;
        for (var i = 0; i < writer.Length; i++)
        {
            var bytes = writer.ToArray();
            bytes[i] ^= (byte)(1 << (i % 8));
            var reader = new WireReader(bytes);
            Assert.Null(RingOwners.Read(ref reader));
            Assert.Matches("^[A-Z].*\\.$", reader.Error);
            refused++;
        }

        Assert.Equal(writer.Length, refused);
    }

    // Three members whose weights change again and again: no two rings are alike.
    private static MembershipHistory Long()
    {
        var history = History("a b c d e", 64, 1);
        history = history.Then("leave d").Then("leave e");
        for (var i = 2; i < Changes; i++) history = history.Then($"weight {"abc"[i % 3]} {2 + i}");
        return history;
    }

    private static MembershipState State(MembershipHistory history, int settled)
    {
        var digest = history.Fold().Versions[settled].Digest;
        return new MembershipState(
            Afresh(history),
            [
                .. "bc".Select(n => new Standing(Node($"{n}"), 9, digest, digest, digest, digest, 0, NValSet.Of(3))),
                .. "de".Select(n => new Standing(Node($"{n}"), 9, digest, digest, digest, digest, digest, NValSet.Of(3))),
            ],
            WantsReply: false);
    }

    // The node a, which has heard that the others have come to a ring; and what it keeps.
    private static Core.Membership Member(MembershipHistory history, int settled, out ReadOnlyMemory<byte> cell)
    {
        var effects = new Effects();
        var member = new Core.Membership(Node("a"), history.Founding, null, new MemoryEngine(), NodeSettings.Standard, 1);
        member.OnMessage(Node("b"), State(history, settled), effects);
        Assert.Equal(settled, member.State.Settled.Number);
        var write = effects.List.OfType<Effect.Write>().Last();
        cell = ((StoreChange.PutCell)write.Changes.Single()).Bytes;
        member.OnWritten(write.Id, WriteResult.Durable, new Effects());
        return member;
    }

    // What a member says to a newcomer whose digest it hears, and to its answer, as it arrives off the network.
    private static IEnumerable<MembershipState> Exchange(Core.Membership newcomer, Core.Membership member)
    {
        var effects = new Effects();
        newcomer.OnTime(new Instant(long.MaxValue / 4), effects);
        var digest = effects.List.OfType<Effect.Send>().Select(s => s.Message).OfType<MembershipDigest>().Single();
        effects.Clear();
        member.OnMessage(Node("z"), digest, effects);
        return Said(effects).Select(state => state with
        {
            History = Afresh(state.History), Settled = state.Settled is { } ring ? Travelled(ring) : null,
        });
    }

    private static List<MembershipState> Said(Effects effects) =>
        [.. effects.List.OfType<Effect.Send>().Select(s => s.Message).OfType<MembershipState>()];

    private static RingOwners Travelled(RingOwners snapshot)
    {
        var writer = new WireWriter();
        snapshot.Write(writer);
        var reader = new WireReader(writer.Written);
        var read = RingOwners.Read(ref reader);
        reader.End();
        Assert.Null(reader.Error);
        return read!;
    }

    private static void AssertPlaced(MembershipHistory history, params int[] numbers) =>
        Assert.Equal(numbers, history.Fold().Versions.Where(version => version.IsPlaced).Select(version => version.Number));
}
