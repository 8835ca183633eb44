namespace Dynamo.Simulation.Tests;

/// <summary>The paper's measurements at small sizes: what is claimed of them is so, and the same seed gives the same figures.</summary>
public class PaperExperimentTests
{
    [Fact]
    public void Figure_3_evolves_as_published()
    {
        var report = new VersionEvolution { Seed = 1 }.Run();
        Assert.Equal(
            ["[(Sx,1)]", "[(Sx,2)]", "[(Sx,2),(Sy,1)]", "[(Sx,2),(Sz,1)]", "[(Sx,3),(Sy,1),(Sz,1)]"],
            report.Rows.Select(static row => row[3]));
        Assert.True(report.Holds, report.Sentence);
    }

    [Fact]
    public void Figure_8_strategy_3_is_the_most_even_and_needs_the_least_metadata()
    {
        var report = new PartitioningEfficiency { Seed = 1, Draws = 5, Tokens = [2, 15, 128], Partitions = [512, 4096] }.Run();
        double Efficiency(string strategy, string parameter) =>
            double.Parse(report.Rows.Single(row => row[0] == strategy && row[1] == parameter)[3]);

        Assert.True(report.Holds, report.Sentence);
        Assert.True(Efficiency("3", "4096") >= 0.99);
        // 15 tokens of 18 bytes at 30 nodes are as much metadata as 4,096 partitions of 2 bytes.
        Assert.True(Efficiency("3", "4096") > Efficiency("1", "15") + 0.1);
        Assert.True(Efficiency("1", "2") < Efficiency("1", "15") && Efficiency("1", "15") < Efficiency("1", "128"));
        Assert.True(Efficiency("2", "128") <= Efficiency("1", "128"));
    }

    [Fact]
    public void Figure_5_a_buffer_takes_the_disks_out_of_the_slowest_writes()
    {
        var report = new WriteBuffer { Seed = 1, Writes = 1_000 }.Run();
        Assert.True(report.Holds, report.Sentence);
        // Without a buffer a write waits for two disks, one after the other; with it and dw = 0 for none of them.
        Assert.All(report.Rows, static row => Assert.True(double.Parse(row[2]) > 10 && double.Parse(row[4]) < 5));
    }

    [Fact]
    public void Figure_6_low_load_is_less_balanced_and_even_shares_are_better_than_random_tokens()
    {
        var report = new LoadImbalance { Seed = 1, Nodes = 50, Partitions = 1024, KeysAtPeak = 62_500 }.Run();
        Assert.True(report.Holds, report.Sentence);
        Assert.Equal(48, report.Rows.Length);
        var (theirs, ours) = (report.Rows.Sum(static row => double.Parse(row[4])), report.Rows.Sum(static row => double.Parse(row[5])));
        Assert.True(ours < theirs, $"{ours} {theirs}");
    }

    [Fact]
    public void Table_2_the_clients_end_is_faster_in_all_four_figures()
    {
        var report = new CoordinationCost { Seed = 1, Nodes = 20, Requests = 20_000 }.Run();
        Assert.True(report.Holds, report.Sentence);
        // Two links of 1 ms at least, and four.
        Assert.All(report.Rows.Where(static row => row[0] == "client" && row[2] == "mean"), static row =>
            Assert.InRange(double.Parse(row[4]), row[1] == "get" ? 2 : 4, row[1] == "get" ? 4 : 8));
    }

    [Fact]
    public void Staleness_is_predicted_within_a_hundredth_and_the_same_seed_is_the_same_table()
    {
        var small = new BoundedStaleness
        {
            Seed = 1, Races = 1_500, Calibration = 1_500, Draws = 20_000,
            Scenes = [.. StalenessScene.All.Where(static scene => scene.Name is "LNKD-DISK" or "SYNC")],
        };
        var report = small.Run();
        Assert.True(report.Holds, report.Sentence);
        var again = small.Run();
        Assert.Equal(report.ToCsv(), again.ToCsv());
    }

    [Fact]
    public void A_model_of_other_latencies_is_found_out()
    {
        var scene = StalenessScene.All[1];
        var race = new StalenessRace(scene, 5, seed: 1);
        var measured = Enumerable.Range(0, 2_000).Count(_ => race.Run(3_000)) / 2_000.0;
        var slower = new LatencySamples();
        slower.Writes.AddRange(race.Samples.Writes.Select(static time => time * 2));
        slower.Acknowledgements.AddRange(race.Samples.Acknowledgements);
        slower.Reads.AddRange(race.Samples.Reads);
        slower.Answers.AddRange(race.Samples.Answers);
        slower.Syncs.AddRange(race.Samples.Syncs);

        var right = new StalenessModel(race.Samples, 5, 20_000, new Prng(1)).Consistent(3_000);
        var wrong = new StalenessModel(slower, 5, 20_000, new Prng(1)).Consistent(3_000);

        Assert.InRange(right, measured - 0.03, measured + 0.03);
        Assert.True(wrong < measured - 0.05, $"predicted {wrong}, measured {measured}");
    }
}
