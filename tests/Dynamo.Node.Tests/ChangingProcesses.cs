using System.Diagnostics;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>What the tests of changing clusters have in common: nodes, a watched load, and a look into the stores.</summary>
public abstract class ChangingProcesses(ITestOutputHelper output, NodeProcesses nodes, int founders) : IAsyncLifetime
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    protected NodeProcesses Nodes { get; } = nodes;

    public async Task InitializeAsync()
    {
        for (var i = 0; i < founders; i++) Nodes.Start(i);
        await Nodes.WhenSettled();
    }

    public Task DisposeAsync() => Nodes.DisposeAsync().AsTask();

    /// <summary>Writes most keys at least once, and stops; every check asks for exactly those.</summary>
    protected async Task Fill(HttpLoad load)
    {
        load.Start(workers: 8);
        await Written(load);
        Clean(await load.Stop());
    }

    protected Task Written(HttpLoad load) =>
        Nodes.UntilOrLog(() => Task.FromResult(load.KeysWritten >= load.Keys.Count() * 9 / 10));

    /// <summary>Lets the load go on for so many requests.</summary>
    protected Task Requests(HttpLoad load, int more)
    {
        var (phase, before) = (load.Now, load.Now.Done);
        return Nodes.UntilOrLog(() => Task.FromResult(phase.Done >= before + more));
    }

    /// <summary>Says what a load counted, and that nothing of it was wrong.</summary>
    protected void Clean(LoadPhase phase)
    {
        Say(phase.ToString());
        Assert.True(phase.IsClean, $"{phase}\nThe nodes said:\n{Nodes.Log}");
        Assert.True(phase.Puts > 0 && phase.Found > 0, phase.ToString());
    }

    /// <summary>Every node reads by the ring that the plan showed.</summary>
    protected async Task Kept(PlanPromise promise, params int[] members)
    {
        foreach (var node in members) Assert.Equal("", string.Join('\n', promise.Broken(await Nodes.Membership.Owners(Nodes.Url(node)))));
        Say($"as planned: {promise.PartitionsMoved} partitions, {promise.ReplicasMoved} replicas moved");
    }

    /// <summary>Stops the members and looks into their stores: each owner holds every key, nobody else any.</summary>
    protected async Task StoresAreRight(int[] members, params HttpLoad[] loads)
    {
        var owners = await Nodes.Membership.Owners(Nodes.Url(members[0]));
        // Without any get: what an owner did not need to acknowledge may still be on its way, or lie as a hint.
        await Nodes.WhenHintsAreDrained();
        await Nodes.TerminateAll();
        using var stores = new StoppedStores(members.Select(i => KeyValuePair.Create(NodeProcesses.Name(i), Nodes.Folder(i))));
        foreach (var load in loads)
        {
            var wrong = stores.Wrong(load, owners, out var compared);
            Assert.True(wrong.Count == 0, $"{wrong.Count} copies are wrong: {string.Join('\n', wrong.Take(10))}");
            Assert.Equal(3 * load.KeysWritten, compared);
            Say($"{load.Bucket}: {compared} copies of {load.KeysWritten} keys, each where it belongs");
        }
    }

    protected async Task EverythingIsRead(HttpLoad load, int node, string query)
    {
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var (status, numbers, _) = await load.Read(Nodes.Url(node), key, query);
            Assert.True(
                numbers.DefaultIfEmpty().Max() >= load.Acknowledged(key),
                $"{key}: {load.Acknowledged(key)} was acknowledged, {status} [{string.Join(",", numbers)}] was read");
        }
    }

    protected async Task<MembershipSeen> Seen(int node) =>
        await Nodes.Membership.Seen(Nodes.Url(node)) ?? throw new InvalidOperationException($"{NodeProcesses.Name(node)} is silent.");

    private void Say(string what) => output.WriteLine($"{_watch.Elapsed.TotalSeconds,5:0.0}  {what}");

    protected static string Node(int node) => $$"""{"node":"{{NodeProcesses.Name(node)}}"}""";
}
