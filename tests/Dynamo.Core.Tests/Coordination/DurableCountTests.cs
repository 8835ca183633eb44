using System.Collections.Immutable;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>
/// W counts replicas that have applied a put, DW those that hold it durably, and a copy that was only issued counts for neither: every order
/// in which three of them can answer, against every W and DW. Sections 4.5 and 4.9.
/// </summary>
public class DurableCountTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly VirtualCluster Cluster = new(nodes: 3);
    private static readonly PartitionId Partition = Cluster.Ring.PartitionOf(Cart);
    private static readonly ImmutableArray<NodeId> Owners = [.. Cluster.Owners(Cart)];

    private enum Word
    {
        Issued,
        Applied,
        Durable,
        Failed,
    }

    private static readonly Word[][] BufferScripts = [[Word.Durable], [Word.Applied, Word.Durable], [Word.Applied, Word.Failed], [Word.Applied]];
    private static readonly Word[][] OwnScripts =
        [.. BufferScripts, [Word.Issued, Word.Durable], [Word.Issued, Word.Failed], [Word.Issued]];

    private static readonly Word[][] Scripts = [.. BufferScripts, [Word.Failed], []];

    [Fact]
    public void A_put_is_answered_as_soon_as_both_counts_are_met_and_refused_as_soon_as_one_cannot_be()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var own in OwnScripts)
        foreach (var second in Scripts)
        foreach (var third in Scripts)
        foreach (var order in Orders(own.Length, second.Length, third.Length))
        foreach (var (w, dw) in Counts())
        {
            var expected = "pending";
            var put = Begin(w, dw, out var effects);
            var (scripts, heard, next) = (new[] { own, second, third }, new Word?[3], new int[3]);
            foreach (var who in order)
            {
                var word = scripts[who][next[who]++];
                heard[who] = word;
                Hear(put, who, word, effects);
                put.CheckInvariants();
                if (expected == "pending") expected = Expect(heard, w, dw);
                Assert.Equal(expected, Describe(put.Outcome));
            }

            seen[expected.Split(' ')[0]] = seen.GetValueOrDefault(expected.Split(' ')[0]) + 1;
            if (!put.IsFinished) put.OnTime(put.Deadline, effects);
            put.OnTime(Instant.Never, effects);
            Assert.True(put.IsFinished);
            // Whoever does not hold it durably is remembered here, the own copy excepted: that is written anew.
            foreach (var who in Enumerable.Range(0, 3).Where(who => heard[who] != Word.Durable))
                Assert.True(
                    who == 0 || effects.List.OfType<Effect.Send>().Any(send => send.To == Owners[0]
                        && send.Message is ReplicaPut hint && hint.IntendedFor == Owners[who]),
                    $"{string.Join(',', heard)} leaves no hint for owner {who}");
        }

        Assert.True(seen["Stored"] > 4000 && seen["Unavailable"] > 2000 && seen["pending"] > 500, string.Join(", ", seen));
    }

    [Fact]
    public void An_owner_that_has_applied_only_is_still_waited_for_when_the_client_has_its_answer()
    {
        var put = Begin(w: 2, dw: 0, out var effects);
        Hear(put, 0, Word.Applied, effects);
        Hear(put, 1, Word.Applied, effects);
        Assert.IsType<Stored>(put.Outcome);
        Hear(put, 0, Word.Durable, effects);
        Hear(put, 1, Word.Durable, effects);
        Hear(put, 2, Word.Applied, effects);
        Assert.False(put.IsFinished);
        Hear(put, 2, Word.Durable, effects);
        Assert.True(put.IsFinished);
    }

    [Fact]
    public void A_time_out_says_how_many_copies_were_durable()
    {
        var put = Begin(w: 2, dw: 2, out var effects);
        for (var who = 0; who < 3; who++) Hear(put, who, Word.Applied, effects);
        Hear(put, 1, Word.Durable, effects);
        put.OnTime(put.Deadline, effects);
        put.OnTime(Instant.Never, effects);
        Assert.Equal(new TimedOut(QuorumKind.DW, 2, 1, MayTakeEffect: true), put.Outcome);
    }

    [Fact]
    public void A_buffer_that_loses_the_own_copy_has_it_written_anew()
    {
        var put = Begin(w: 1, dw: 0, out var effects);
        Hear(put, 0, Word.Applied, effects);
        effects.Clear();
        Hear(put, 0, Word.Failed, effects);
        var again = Assert.IsType<ReplicaPut>(Assert.Single(effects.List.OfType<Effect.Send>(), send => send.To == Owners[0]).Message);
        Assert.True(again.IntendedFor.IsNone);
        Hear(put, 0, Word.Durable, effects, isPut: true);
        Hear(put, 1, Word.Durable, effects);
        Hear(put, 2, Word.Durable, effects);
        Assert.True(put.IsFinished);
    }

    // The model: what each replica has said last.
    private static string Expect(Word?[] heard, int w, int dw)
    {
        var open = heard.Count(static word => word is null or Word.Issued);
        var applied = heard.Count(static word => word is Word.Applied);
        var durable = heard.Count(static word => word is Word.Durable);
        return applied + durable >= w && durable >= dw ? "Stored"
            : applied + durable + open < w ? $"Unavailable W {w}/{applied + durable}"
            : durable + applied + open < dw ? $"Unavailable DW {dw}/{durable}"
            : "pending";
    }

    private static string Describe(Outcome? outcome) => outcome switch
    {
        null => "pending",
        Unavailable u => $"Unavailable {u.Kind} {u.Needed}/{u.Got}",
        _ => outcome.GetType().Name,
    };

    private static PutCoordinator Begin(int w, int dw, out Effects effects)
    {
        var view = new ClusterView(Owners[0], Cluster.Ring, static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty);
        effects = new Effects();
        var put = new PutCoordinator(
            new RequestId(1), new PutRequest(Cart, default, new Value(), PutOptions.None), CausalContext.Empty, new WriteQuorum(3, w, 0, dw), false,
            ReplicaTargets.Choose(view, Partition, 3), Owners[0], new Instant(0), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        put.Start(effects);
        return put;
    }

    private static void Hear(PutCoordinator put, int who, Word word, Effects effects, bool isPut = false)
    {
        var refusal = word == Word.Failed ? WriteRefusal.StoreFailed : WriteRefusal.None;
        if (who == 0 && !isPut)
            put.OnCoordinated(
                new CoordinateWriteReply(
                    new RequestId(1), Record.Empty, VersionVector.Empty, refusal, "", Copy: StateAfter(word)), new Instant(0), effects);
        else
            put.OnReply(Owners[who], new ReplicaPutReply(new RequestId(1), word == Word.Durable, refusal, default), effects);
    }

    private static CopyState StateAfter(Word word) => word switch
    {
        Word.Issued => CopyState.Issued,
        Word.Applied => CopyState.Applied,
        _ => CopyState.Durable,
    };

    private static IEnumerable<(int W, int DW)> Counts() =>
        from w in Enumerable.Range(1, 3) from dw in Enumerable.Range(0, w + 1) select (w, dw);

    // Every order in which three can say that many words each, the own copy first: without it nobody else is asked.
    private static IEnumerable<int[]> Orders(int own, int second, int third)
    {
        return Weave([0], own - 1, second, third);

        static IEnumerable<int[]> Weave(int[] so, int a, int b, int c)
        {
            if (a + b + c == 0) yield return so;
            int[] left = [a, b, c];
            for (var who = 0; who < 3; who++)
            {
                if (left[who] == 0) continue;
                foreach (var order in Weave([.. so, who], a - (who == 0 ? 1 : 0), b - (who == 1 ? 1 : 0), c - (who == 2 ? 1 : 0)))
                    yield return order;
            }
        }
    }
}
