using Dynamo.Bench.Figures;

namespace Dynamo.Bench.Scenarios;

/// <summary>Something that is measured once in each round.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="IsUsual">Whether it is measured when the command line names none.</param>
/// <param name="Sentence">What it is.</param>
/// <param name="Round">Measures it: everything it needs is started and stopped in there.</param>
internal sealed record Scenario(
    string Name, bool IsUsual, string Sentence, Func<Place, CancellationToken, IAsyncEnumerable<Sample>> Round)
{
    /// <summary>A sentence about why it cannot be measured here, "" when it can; null when nothing could be missing.</summary>
    public Func<string>? IsPossible { get; init; }

    /// <summary>All there are, in the order in which a round measures them.</summary>
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("skeleton", true, "a bare quorum over Akka.Remote, batched: dictionaries, no versions, no storage", PeerScenarios.Skeleton),
        new("memory", true, "three nodes in memory, over Dynamo.Client", OurScenarios.Memory),
        new("durable", true, "three nodes on SQLite, every write durable, over Dynamo.Client", OurScenarios.Durable),
        new("single", true, "the skeleton with one remote message for each request", PeerScenarios.Single),
        new("ping-pong", true, "one actor that answers another over Akka.Remote, batched", PeerScenarios.PingPong),
        new("http", true, "three nodes in memory, over HTTP", OurScenarios.Http),
        new("embedded", true, "three nodes in memory in the benchmark's own process", OurScenarios.Embedded),
        new("ddata", true, "Akka.DistributedData, majority reads and writes, at 1,000, 10,000 and 100,000 keys", PeerScenarios.DistributedData),
        new("keys", true, "three nodes in memory, over Dynamo.Client, at the same numbers of keys", OurScenarios.Keys),
        new("storage", true, "the storage engine on SQLite alone: durable writes handed to it", StorageScenario.Round),
        new("redis", true, "redis-server, where it is on the path: one process, in memory, half gets, half sets over one connection", RedisScenario.Round)
        {
            IsPossible = static () => RedisScenario.IsInstalled ? "" : "redis-server is not on the path.",
        },
        new("disk", false, "the disk alone: pages written and flushed as often as 500 requests a second ask for it", DiskScenario.Round),
        new("latency", false, "five nodes on SQLite, 500 requests a second", RateScenarios.Calm),
        new("kill", false, "the same, with a node killed half way", RateScenarios.Kill),
        new("idle", false, "processors that three nodes take that nobody asks anything", RateScenarios.Idle),
        new("background", false, "500 requests a second with and without a join, a repair and a replay of 100,000 hints", BackgroundScenario.Round),
        new("growth", false, "latency at 10,000 and 1,000,000 keys, memory of an idle key, messages for each operation at 3 and 9 nodes", GrowthScenario.Round),
        new("links", false, "five nodes on SQLite, a millisecond away from each other and from the client: who coordinates", LinksScenario.Round)
        {
            IsPossible = LinksScenario.WhyNot,
        },
    ];

    /// <summary>What is held against what.</summary>
    public static readonly IReadOnlyList<Comparison> Comparisons =
    [
        new("memory 64", "skeleton 64", Sample.OpsPerSecond, Goal.AtLeast(0.6)),
        new("memory 256", "skeleton 256", Sample.OpsPerSecond, Goal.AtLeast(0.6)),
        new("durable 64", "skeleton 64", Sample.OpsPerSecond, Goal.AtLeast(0.4)),
        new("durable 256", "skeleton 256", Sample.OpsPerSecond, Goal.AtLeast(0.2)),
        new("memory 64", "single 64", Sample.OpsPerSecond),
        new("memory 256", "single 256", Sample.OpsPerSecond),
        new("keys 1000", "ddata 1000", Sample.OpsPerSecond),
        new("keys 10000", "ddata 10000", Sample.OpsPerSecond),
        new("keys 100000", "ddata 100000", Sample.OpsPerSecond, Goal.AtLeast(10)),
        new("memory 256", "redis 256", Sample.OpsPerSecond),
        new("memory 256", "http 256", Sample.OpsPerSecond),
        new(LinksScenario.Client, LinksScenario.Server, Sample.GetMean, Goal.AtMost(0.6)),
        new(LinksScenario.Client, LinksScenario.Server, Sample.GetP999, Goal.AtMost(0.6)),
        new(LinksScenario.Client, LinksScenario.Server, Sample.PutMean, Goal.Lower),
        new(LinksScenario.Client, LinksScenario.Server, Sample.PutP999),
        new("join", "calm before join", Sample.AllP999, Goal.RaisedLittle),
        new("repair", "calm before repair", Sample.AllP999, Goal.RaisedLittle),
        new("hints", "calm before hints", Sample.AllP999, Goal.RaisedLittle),
        new(GrowthScenario.OfKeys(1_000_000), GrowthScenario.OfKeys(10_000), Sample.AllP50, Goal.AtMost(1.3)),
        new(GrowthScenario.OfKeys(1_000_000), GrowthScenario.OfKeys(10_000), Sample.AllP99, Goal.AtMost(1.3)),
        // Of a quick run: a tenth of the way, which proves nothing.
        new(GrowthScenario.OfKeys(100_000), GrowthScenario.OfKeys(10_000), Sample.AllP50),
        new(GrowthScenario.OfKeys(100_000), GrowthScenario.OfKeys(10_000), Sample.AllP99),
        // No more messages, but for a request that a client sends again and a read repair now and then: nine processes share the processors.
        new(GrowthScenario.OfNodes(9, true), GrowthScenario.OfNodes(3, true), GrowthScenario.MessagesPerOperation, Goal.AtMost(1.02)),
        // A node that does not own a key asks three others instead of two, or hands the put to an owner.
        new(GrowthScenario.OfNodes(9, false), GrowthScenario.OfNodes(3, false), GrowthScenario.MessagesPerOperation, Goal.AtMostMore(2)),
    ];

    /// <summary>What figures are to stay below.</summary>
    public static readonly IReadOnlyList<Limit> Limits =
    [
        new("latency", Sample.AllP999, 10),
        new("kill", Sample.AllP999, 30),
        new("idle", Sample.Processors, 0.05),
    ];
}
