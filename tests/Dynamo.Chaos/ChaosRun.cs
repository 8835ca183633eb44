using Dynamo.Chaos.Beds;
using Dynamo.Chaos.Checkers;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos;

/// <summary>One run: nodes, load, faults, rest, and what the checkers make of it.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan CalmAtFirst = TimeSpan.FromSeconds(8);

    /// <summary>Carries it out.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="bed">Where the nodes live.</param>
    /// <param name="run">The folder for the nodes' data.</param>
    /// <param name="say">Takes a line for who watches.</param>
    /// <param name="cancel">Ends it early, without a report.</param>
    public static async Task<ChaosReport> Run(ChaosOptions options, Bed bed, string run, Action<string> say, CancellationToken cancel)
    {
        using var fleet = new Fleet(bed, options.Nodes, options.NodeProgram, run, options.Histories, diskMegabytes: 64);
        var choices = options.Faults
            .Where(f => (!f.Network || bed.Switch is not null) && (!f.Disk || fleet.Disk(0).CanBeFilled)).ToList();
        foreach (var left in options.Faults.Except(choices)) say($"Left out, since it is not possible here: {left.Name}.");
        if (choices.Count == 0) throw new ChaosException("None of these faults is possible here.");
        int[] all = [.. Enumerable.Range(0, options.Nodes)];
        foreach (var node in all) fleet.Start(node);
        await fleet.WhenConnected(all, cancel);
        var owners = await fleet.Owners();

        using var load = new LoadDrivers(fleet, Path.Combine(options.Histories, "history.jsonl"));
        load.Start(options.Seed, options.ClientProgram, run);
        await Task.Delay(CalmAtFirst, cancel);
        var nemesis = new Nemesis(fleet, choices, options.Seed, say);
        await nemesis.Run(TimeSpan.FromMinutes(options.Minutes) - CalmAtFirst, cancel);
        await load.Stop();
        say("rest       load has ended; waiting until hints are delivered, owners compared and tombstones reaped");
        var findings = new List<string>(nemesis.Findings);
        await Rest.Until(fleet, findings, cancel);
        await load.ReadEverything();
        foreach (var node in all)
            if (await fleet.Terminate(node) is not 0 and var code) findings.Add($"{Bed.NameOf(node)} ended with exit code {code}.");

        var history = load.History;
        var ending = Endings.Read(
            [.. all.Select(i => fleet.Disk(i).Folder)], owners, LoadBook.Bucket, history.Select(static l => l.Key).Distinct().Order(StringComparer.Ordinal));
        var verdict = ChaosVerdict.Of(history, ending, new ContextCodec(System.Text.Encoding.UTF8.GetBytes(Fleet.ClusterKey)));
        var (faults, failedInCalm) = Availability.Judge(
            [.. history.Where(static l => l.AtTheEnd is not true)], nemesis.Windows, Fleet.Detection);
        return ChaosReport.Of(options, bed, history, faults, failedInCalm, verdict, findings, bed.Switch?.Counts);
    }
}
