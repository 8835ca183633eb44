namespace Dynamo.Simulation;

/// <summary>One of the paper's measurements, carried out on this system.</summary>
/// <param name="Name">What it is called on the command line: fig3, table2 and so on.</param>
/// <param name="Sentence">What it shows, one sentence.</param>
/// <param name="Run">Carries it out; the same seed gives the same report.</param>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007); "pbs" is Bailis et al., Probabilistically Bounded Staleness (VLDB 2012).
/// </remarks>
public sealed record PaperExperiment(string Name, string Sentence, Func<ulong, PaperReport> Run)
{
    /// <summary>All of them, in the paper's order.</summary>
    public static IReadOnlyList<PaperExperiment> All { get; } =
    [
        new("fig3", "how the versions of one object evolve", static seed => new VersionEvolution { Seed = seed }.Run()),
        new("fig5", "how much a buffer in front of each disk takes off the slowest writes",
            static seed => new WriteBuffer { Seed = seed }.Run()),
        new("fig6", "how many nodes are out of balance in the course of a day",
            static seed => new LoadImbalance { Seed = seed }.Run()),
        new("fig8", "how evenly three ways of partitioning spread load, by the metadata they need",
            static seed => new PartitioningEfficiency { Seed = seed }.Run()),
        new("table2", "coordination at the client's end against coordination by a random node",
            static seed => new CoordinationCost { Seed = seed }.Run()),
        new("pbs", "how soon a read with R = W = 1 sees a write: predicted from latencies, and measured",
            static seed => new BoundedStaleness { Seed = seed }.Run()),
    ];

    /// <summary>The experiment of a name; null when there is none.</summary>
    public static PaperExperiment? Find(string name) => All.FirstOrDefault(experiment => experiment.Name == name);
}
