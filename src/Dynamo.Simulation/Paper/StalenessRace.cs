using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Writes a key and reads it a moment after the acknowledgement, again and again, with R = W = 1 on the real machines.</summary>
/// <remarks>
/// Each race has a key of its own and the cluster for itself. The put goes to one of its owners, the get to any node; the client
/// stands beside both. Time-outs are set so high that none is met: nobody is replaced for being slow.
/// </remarks>
internal sealed class StalenessRace
{
    private readonly PaperWorld _world;
    private readonly Prng _random;
    private int _races;

    public StalenessRace(StalenessScene scene, int nodes, ulong seed)
    {
        _random = new Prng(seed);
        var times = new Prng(_random.Next());
        var settings = NodeSettings.Standard with { ReplicaTimeout = TimeSpan.FromMinutes(1), RequestTimeout = TimeSpan.FromHours(1) };
        _world = new PaperWorld(
            nodes, 64,
            new PaperTiming
            {
                Link = message => message is null ? 0 : Noted(message, (message is ReplicaPut ? scene.Write : scene.Other).Draw(times)),
                Sync = _ => Noted(Samples.Syncs, SyncTime(scene, times)),
            },
            _random.Next(), settings);
    }

    /// <summary>What messages and syncs have taken so far.</summary>
    public LatencySamples Samples { get; } = new();

    /// <summary>Runs one race.</summary>
    /// <param name="after">When to read, in microseconds after the acknowledgement.</param>
    /// <returns>Whether the read saw the write.</returns>
    public bool Run(long after)
    {
        var key = Key.Of("pbs", $"{++_races}");
        var writer = _world.OwnersOf(key)[_random.Below(BucketProperties.Standard.NVal)];
        var reader = _world.Nodes[_random.Below(_world.Nodes.Length)];
        Outcome? read = null;
        _world.Request(writer, new PutRequest(key, default, new Value(), new PutOptions { W = QuorumSize.One }), stored =>
        {
            Invariant.Holds(stored is Stored, "Where nothing fails a put is stored.");
            _world.After(after, () => _world.Request(
                reader, new GetRequest(key, new GetOptions { R = QuorumSize.One }), outcome => read = outcome));
        });
        _world.Run();
        return read is Found;
    }

    private static long SyncTime(StalenessScene scene, Prng times)
    {
        var mean = (int)(scene.SyncMilliseconds * 1000);
        return mean == 0 ? 0 : (mean / 2) + times.Below(mean);
    }

    private long Noted(Message message, long time) => message switch
    {
        // Read repair comes after the race is decided.
        ReplicaPut { Reason: PutReason.Write } => Noted(Samples.Writes, time),
        ReplicaPutReply => Noted(Samples.Acknowledgements, time),
        ReplicaGet or ReplicaDigest => Noted(Samples.Reads, time),
        ReplicaGetReply or ReplicaDigestReply => Noted(Samples.Answers, time),
        _ => time,
    };

    private static long Noted(List<long> samples, long time)
    {
        samples.Add(time);
        return time;
    }
}

/// <summary>One-way latencies that were measured, in microseconds: W, A, R and S of Bailis, and syncs.</summary>
internal sealed class LatencySamples
{
    public List<long> Writes { get; } = [];

    public List<long> Acknowledgements { get; } = [];

    public List<long> Reads { get; } = [];

    public List<long> Answers { get; } = [];

    public List<long> Syncs { get; } = [];
}
