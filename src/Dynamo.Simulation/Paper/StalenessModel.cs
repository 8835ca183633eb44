using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Predicts by Monte Carlo whether a read sees a write, out of nothing but one-way latencies.</summary>
/// <remarks>
/// <code>
///   put, W = 1:  the coordinator owns the key; its sync begins and the record leaves for the two others in the same moment,
///                time 0. It arrives at owner i at W(i), is durable a sync later, and the word of that takes A(i). The client is told
///                at T, when the first of the three is durable as the coordinator knows.
///   get, R = 1, at time T + t: all three owners are asked, the one that is read at among them without any way.
///                The question arrives at T + t + R(i); before W(i) the answer is stale and leaves at once; after it the answer is the
///                new version, and leaves when that is durable, with the next sync if one is under way. It takes S(i).
/// </code>
/// The read is consistent when the first answer is. Differs from Bailis: there the coordinator is nobody's replica; here one owner is
/// never stale, and a sync holds fresh answers back.
/// Source: Bailis et al., Probabilistically Bounded Staleness for Practical Partial Quorums (VLDB 2012), section 5.1.
/// </remarks>
internal sealed class StalenessModel
{
    private const int N = 3;
    private readonly Draw[] _draws;

    /// <summary>A model out of measured latencies.</summary>
    /// <param name="samples">What was measured; drawn from with replacement.</param>
    /// <param name="nodes">Nodes of the cluster, 3 or more: a read goes to any of them.</param>
    /// <param name="draws">How many races are imagined.</param>
    /// <param name="random">Draws them; the same races serve for every time that is asked about.</param>
    public StalenessModel(LatencySamples samples, int nodes, int draws, Prng random)
    {
        long One(List<long> of) => of[random.Below(of.Count)];
        _draws = new Draw[draws];
        for (var i = 0; i < draws; i++)
        {
            var owners = new Way[N];
            // Node 0 coordinates the write, 0 to 2 own the key, and the others only read.
            var reader = random.Below(nodes);
            for (var o = 0; o < N; o++)
                owners[o] = new Way(
                    o == 0 ? 0 : One(samples.Writes), One(samples.Syncs), One(samples.Syncs),
                    o == 0 ? 0 : One(samples.Acknowledgements), o == reader ? 0 : One(samples.Reads), o == reader ? 0 : One(samples.Answers));
            _draws[i] = new Draw(owners);
        }
    }

    /// <summary>The probability that a read begun <paramref name="after"/> microseconds after the acknowledgement sees the write.</summary>
    public double Consistent(long after) => _draws.Count(draw => draw.IsConsistent(after)) / (double)_draws.Length;

    /// <summary>The first microsecond after which that is at least <paramref name="probability"/>, 0..1.</summary>
    public long When(double probability)
    {
        if (Consistent(0) >= probability) return 0;
        long low = 0, high = 1;
        while (Consistent(high) < probability) (low, high) = (high, high * 2);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Consistent(middle) < probability) low = middle;
            else high = middle;
        }

        return high;
    }

    // What befalls one owner: the record's way to it and its sync, the sync that an answer waits for, the acknowledgement's way, the
    // question's and the answer's.
    private readonly record struct Way(long Write, long Sync, long NextSync, long Acknowledgement, long Read, long Answer);

    private readonly record struct Draw(Way[] Owners)
    {
        public bool IsConsistent(long after)
        {
            var told = Owners.Min(static owner => owner.Write + owner.Sync + owner.Acknowledgement);
            var (first, isFresh) = (long.MaxValue, false);
            foreach (var owner in Owners)
            {
                var asked = told + after + owner.Read;
                var fresh = asked >= owner.Write;
                var durable = owner.Write + owner.Sync;
                var answer = (fresh && asked < durable ? durable + owner.NextSync : asked) + owner.Answer;
                if (answer >= first) continue;
                (first, isFresh) = (answer, fresh);
            }

            return isFresh;
        }
    }
}
