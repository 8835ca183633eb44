using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Everything a run is made of, drawn from one seed before anything happens.</summary>
/// <remarks>Times are virtual. Nothing else is drawn from outside: the same environment is the same run.</remarks>
public sealed record SimulationEnvironment
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The profile.</summary>
    public required FaultProfile Profile { get; init; }

    /// <summary>What goes wrong in this run.</summary>
    public Trouble Troubles { get; init; }

    /// <summary>Nodes, 1..1,000.</summary>
    public int Nodes { get; init; }

    /// <summary>Q: partitions of the ring.</summary>
    public int Partitions { get; init; }

    /// <summary>Operations that clients begin.</summary>
    public int Operations { get; init; }

    /// <summary>Clients at work at a time.</summary>
    public int Clients { get; init; }

    /// <summary>Keys they share.</summary>
    public int Keys { get; init; }

    /// <summary>Counters besides, 0..3; none in most runs.</summary>
    public int Counters { get; init; }

    /// <summary>How long a client pauses between two operations, on average.</summary>
    public TimeSpan Think { get; init; }

    /// <summary>Times and limits of every node.</summary>
    public NodeSettings Settings { get; init; } = NodeSettings.Standard;

    /// <summary>How long a message takes at least.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>What a message takes on top, on average.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of messages that are lost.</summary>
    public double Loss { get; init; }

    /// <summary>Share of messages that arrive twice.</summary>
    public double Doubling { get; init; }

    /// <summary>Share of messages that take up to <see cref="LongDelay"/>.</summary>
    public double Straggling { get; init; }

    /// <summary>The longest delay of a straggler.</summary>
    public TimeSpan LongDelay { get; init; }

    /// <summary>How long a sync takes, on average.</summary>
    public TimeSpan SyncTime { get; init; }

    /// <summary>The writes that each store takes into a buffer and answers for before they are durable; 0 for none.</summary>
    public int Buffer { get; init; }

    /// <summary>How much longer a sync takes for each row that it carries; nothing unless a profile measures time.</summary>
    public TimeSpan RowTime { get; init; }

    /// <summary>
    /// How long a node works on a message or a client's request, one after the other; nothing unless a profile measures time.
    /// </summary>
    public TimeSpan MessageTime { get; init; }

    /// <summary>How far a node's clock may stand wrong, either way.</summary>
    public TimeSpan ClockError { get; init; }

    /// <summary>How much a node's clock may gain or lose, in parts per million.</summary>
    public int ClockDrift { get; init; }

    /// <summary>Nodes that are slow throughout.</summary>
    public int SlowNodes { get; init; }

    /// <summary>How much longer messages to a slow node and its syncs take.</summary>
    public int Slowness { get; init; } = 1;

    /// <summary>The faults that come up again and again, each with the time between two of them, on average.</summary>
    public ImmutableArray<(FaultKind Kind, TimeSpan Every)> Faults { get; init; } = [];

    /// <summary>Nodes that may join in the course of the run.</summary>
    public int Newcomers { get; init; }

    /// <summary>Draws an environment.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="nodes">Nodes; 5 to 9 are drawn when null.</param>
    /// <param name="operations">Operations; 150 to 400 are drawn when null.</param>
    public static SimulationEnvironment Draw(ulong seed, FaultProfile profile, int? nodes = null, int? operations = null)
    {
        var random = new Prng(seed ^ StableHash.Of(profile.Name));
        var count = nodes ?? 5 + random.Below(5);
        var drawnOps = profile.Name == FaultProfile.JepsenSet ? 2_000 : 150 + random.Below(251);
        var ops = operations ?? drawnOps;
        // Many operations want many keys, or every key becomes one long quarrel; few want few, or nobody ever meets.
        var keys = ops <= 1000 ? 3 + random.Below(10) : ops / 20;
        // The keys of a partition share its counters, so now and then there must be several in each. Drawn apart from the
        // rest, as all that is added later should be: the corpus lives as long as old seeds draw what they drew.
        if (ops <= 1000 && new Prng(seed ^ 0xC0DF).Chance(0.15)) keys += 40;
        var clients = ops <= 1000 ? 3 + random.Below(6) : Math.Clamp(count, 8, 200);
        // Drawn apart, too, and with a number that gives no seed of the corpus counters: those are to stay the runs they were.
        var counting = new Prng(seed ^ 0xC2C3);
        var counters = ops <= 1000 && counting.Chance(0.3) ? 1 + counting.Below(3) : 0;
        var environment = new SimulationEnvironment
        {
            Seed = seed,
            Profile = profile,
            Troubles = profile.Draws ? DrawTroubles(random, profile.Troubles) : profile.Troubles,
            Nodes = count,
            Partitions = count > 64 ? 4096 : 16 << random.Below(3),
            Operations = ops,
            Clients = clients,
            Keys = keys,
            Counters = counters,
            Think = Span(random, 100, 700),
            Latency = TimeSpan.FromMicroseconds(100 + random.Below(1000)),
            Jitter = TimeSpan.FromMicroseconds(50 + random.Below(5000)),
            SyncTime = TimeSpan.FromMicroseconds(200 + random.Below(10_000)),
            Settings = WithUpkeep(DrawSettings(random), count, new Prng(seed ^ 0x4EA9)),
        };
        if (profile.Name == FaultProfile.TruncatePaper)
            environment = environment with { Settings = environment.Settings with { TruncateAsPaper = true, PruneAbove = 4 } };
        if (profile.Name == FaultProfile.HintStorm) return HintStorm.Of(environment, operations);
        var whole = WithChurn(WithLate(WithTroubles(environment, random), new Prng(seed ^ 0x1A7E)), new Prng(seed ^ 0xC4012));
        // With a number that leaves the seeds of the corpus the runs they were.
        return WithBuffer(whole, new Prng(seed ^ 0xB006));
    }

    /// <summary>What was drawn, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"seed {Seed}, profile {Profile.Name}: {Profile.Sentence}";
        yield return $"troubles: {Troubles}";
        yield return $"{Nodes} nodes, {Partitions} partitions, {Clients} clients, {Operations} operations on {Keys} keys "
            + $"and {Counters} counters, one every {Ms(Think)} per client";
        yield return $"network: {Ms(Latency)} + {Ms(Jitter)}, lost {Loss:P1}, doubled {Doubling:P1}, "
            + $"late {Straggling:P1} by up to {Ms(LongDelay)}";
        yield return $"disks: a sync takes {Ms(SyncTime)}; slow nodes: {SlowNodes}, {Slowness} times";
        if (Buffer > 0) yield return $"buffers: {Buffer} writes each";
        if (MessageTime > TimeSpan.Zero || RowTime > TimeSpan.Zero)
            yield return $"work: {Ms(MessageTime)} for a message, {Ms(RowTime)} more for each row of a sync";
        yield return $"clocks: wrong by up to {Ms(ClockError)}, drifting {ClockDrift} ppm";
        yield return $"settings: replica timeout {Ms(Settings.ReplicaTimeout)}, request timeout {Ms(Settings.RequestTimeout)}, "
            + $"ping every {Ms(Settings.PingEvery)}, suspect after {Settings.SuspectAfter}, lease {Settings.LeaseBlock}, "
            + $"hints {Settings.MaxHintsPerOwner}, window {Settings.HandoffWindow}, siblings {Settings.SiblingsMax}";
        yield return $"upkeep: a round of exchanges every {Ms(Settings.SyncEvery)}, {Ms(Settings.SyncAfterReturn)} after a return, "
            + $"{Settings.SyncKeysPerSecond} keys/s; tombstones reaped every {Ms(Settings.ReapEvery)} after {Ms(Settings.ReapAfter)}, "
            + $"fences moved every {Ms(Settings.FenceEvery)}, clocks shortened above {Settings.PruneAbove}";
        foreach (var (kind, every) in Faults) yield return $"fault: {kind} every {every.TotalSeconds:F1} s";
    }

    private static string Ms(TimeSpan span) => $"{span.TotalMilliseconds:0.###} ms";

    private static TimeSpan Span(Prng random, int fromMs, int toMs) =>
        TimeSpan.FromMilliseconds(fromMs + random.Below(toMs - fromMs));

    private static Trouble DrawTroubles(Prng random, Trouble from)
    {
        var drawn = Trouble.None;
        for (var bit = 1; bit <= (int)Trouble.Slow; bit <<= 1)
            if (((int)from & bit) != 0 && random.Chance(0.45)) drawn |= (Trouble)bit;
        return drawn;
    }

    private static NodeSettings DrawSettings(Prng random) => new()
    {
        ReplicaTimeout = Span(random, 50, 500),
        RequestTimeout = Span(random, 1000, 6000),
        PingEvery = Span(random, 200, 600),
        SuspectAfter = 2 + random.Below(4),
        GossipEvery = Span(random, 300, 1000),
        // Small limits are met within a few operations, large ones never: both have to be right.
        LeaseBlock = 1 << random.Below(11),
        MaxHintsPerOwner = random.Chance(0.15) ? 1 + random.Below(4) : 1_000_000,
        HandoffWindow = 1 << random.Below(7),
        HandoffPerSecond = random.Chance(0.2) ? 2 + random.Below(8) : 2_000,
        SiblingsWarn = 25,
        SiblingsMax = random.Chance(0.2) ? 4 + random.Below(10) : 100,
    };

    // A hundred nodes with four thousand partitions have a hundred times the exchanges, and take longer over them.
    private static NodeSettings WithUpkeep(NodeSettings settings, int nodes, Prng random) => settings with
    {
        SyncEvery = Span(random, 5_000, 30_000) * (nodes > 64 ? 4 : 1),
        SyncAfterReturn = Span(random, 500, 5_000) * (nodes > 64 ? 4 : 1),
        SyncPause = Span(random, 1, 20),
        SyncWindow = 1 << random.Below(6),
        SyncKeysPerSecond = 5 << random.Below(9),
        TreeExpiry = Span(random, 20_000, 60_000),
        ReapEvery = Span(random, 300, 5_000) * (nodes > 64 ? 4 : 1),
        ReapAfter = Span(random, 0, 3_000),
        ReapBatch = 1 << random.Below(8),
        FenceEvery = Span(random, 100, 1_500),
        PruneAbove = 3 + random.Below(8),
    };

    private static SimulationEnvironment WithLate(SimulationEnvironment drawn, Prng random)
    {
        if ((drawn.Profile.Troubles & Trouble.Late) == 0 || (drawn.Profile.Draws && !random.Chance(0.3))) return drawn;
        return drawn with
        {
            Troubles = drawn.Troubles | Trouble.Late,
            Doubling = Math.Max(drawn.Doubling, random.Below(80) / 1000.0),
            Straggling = 0.005 + (random.Below(50) / 1000.0),
            LongDelay = Span(random, 2_000, 40_000),
        };
    }

    private static SimulationEnvironment WithChurn(SimulationEnvironment drawn, Prng random)
    {
        if ((drawn.Profile.Troubles & Trouble.Churn) == 0 || (drawn.Profile.Name != FaultProfile.Churn && !random.Chance(0.2))) return drawn;
        var changes = ImmutableArray.CreateBuilder<(FaultKind, TimeSpan)>();
        foreach (var kind in (FaultKind[])[FaultKind.Join, FaultKind.Leave, FaultKind.Remove, FaultKind.Replace, FaultKind.Weigh])
            if (random.Chance(0.6)) changes.Add((kind, Span(random, 4_000, 20_000)));
        if (changes.Count == 0) changes.Add((FaultKind.Join, Span(random, 4_000, 20_000)));
        return drawn with
        {
            Troubles = drawn.Troubles | Trouble.Churn,
            Newcomers = 8,
            Faults = drawn.Faults.AddRange(changes.DrainToImmutable()),
        };
    }

    // Some are so small that they are mostly full, and some disks so slow that much is lost with a buffer.
    private static SimulationEnvironment WithBuffer(SimulationEnvironment drawn, Prng random)
    {
        var isAsked = random.Chance(0.2) && drawn.Profile.Name == "swarm";
        if (!isAsked && drawn.Profile.Name != FaultProfile.Buffered) return drawn;
        return drawn with
        {
            Buffer = 1 << random.Below(10),
            SyncTime = random.Chance(0.5) ? Span(random, 10, 300) : drawn.SyncTime,
            Faults = drawn.Faults
                .Add((FaultKind.Crash, Span(random, 2_000, 12_000))).Add((FaultKind.Stop, Span(random, 2_000, 12_000))),
        };
    }

    private static SimulationEnvironment WithTroubles(SimulationEnvironment plain, Prng random)
    {
        var drawn = plain;
        var faults = ImmutableArray.CreateBuilder<(FaultKind, TimeSpan)>();
        bool Has(Trouble trouble) => (plain.Troubles & trouble) != 0;
        void Every(FaultKind kind, int fromMs, int toMs) => faults.Add((kind, Span(random, fromMs, toMs)));

        if (Has(Trouble.Loss))
        {
            drawn = drawn with
            {
                Loss = random.Below(150) / 1000.0,
                Doubling = random.Below(100) / 1000.0,
                Straggling = random.Below(50) / 1000.0,
                LongDelay = Span(random, 100, 4000),
            };
        }

        if (Has(Trouble.Partition)) Every(FaultKind.Partition, 3_000, 12_000);
        if (Has(Trouble.Asymmetric)) Every(FaultKind.OneWayCut, 3_000, 12_000);
        if (Has(Trouble.Crash))
        {
            Every(FaultKind.Crash, 2_000, 12_000);
            if (random.Chance(0.4)) Every(FaultKind.PowerLoss, 8_000, 30_000);
        }

        if (Has(Trouble.Disk))
        {
            Every(FaultKind.BitFlip, 2_000, 15_000);
            if (random.Chance(0.6)) Every(FaultKind.FailingDisk, 4_000, 15_000);
            if (random.Chance(0.6)) Every(FaultKind.TornCrash, 4_000, 15_000);
        }

        if (Has(Trouble.DiskLies)) Every(FaultKind.LyingDisk, 2_000, 6_000);
        if (Has(Trouble.Wipe)) Every(FaultKind.Wipe, 6_000, 20_000);
        if (Has(Trouble.Clock))
        {
            drawn = drawn with { ClockError = Span(random, 10, 600_000), ClockDrift = random.Below(20_000) };
            Every(FaultKind.ClockJump, 2_000, 10_000);
        }

        if (Has(Trouble.Slow))
        {
            drawn = drawn with { SlowNodes = 1 + random.Below(2), Slowness = 5 << random.Below(6) };
            Every(FaultKind.Pause, 2_000, 10_000);
        }

        if (Has(Trouble.Restore))
        {
            Every(FaultKind.Restore, 1_500, 5_000);
            // Tombstones must go between a backup and its return, and for that all nodes must be there for a moment.
            drawn = drawn with
            {
                Settings = drawn.Settings with
                {
                    ReapEvery = Span(random, 100, 400), ReapAfter = TimeSpan.Zero, FenceEvery = Span(random, 20, 100),
                },
            };
        }

        return drawn with { Faults = faults.DrainToImmutable() };
    }
}
