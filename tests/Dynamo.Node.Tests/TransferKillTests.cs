using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Processes that take part in a transfer are killed in the middle of it. Section 4.9 of the paper.</summary>
public sealed class TransferKillTests(ITestOutputHelper output) : ChangingProcesses(
    output, new NodeProcesses(nodes: 3, more: 1, "dynamo.anti-entropy.keys-per-second=40", "dynamo.anti-entropy.window=4"), 3)
{
    private const int Joiner = 3, Source = 1;

    [Fact]
    public async Task A_joiner_killed_twice_and_a_source_killed_once_in_the_middle_and_all_is_there_in_the_end()
    {
        // What nobody writes any more comes by transfer alone; what is written comes under both rings as well.
        await using var still = new HttpLoad("still", 400, Nodes.Urls([0, 1, 2]), "r=2&w=2");
        await Fill(still);
        await using var load = new HttpLoad("load", 100, Nodes.Urls([0, 2]), "r=2&w=2");
        load.Start(workers: 4);
        await Written(load);

        Nodes.Start(Joiner);
        await Nodes.WhenUp(Joiner);
        Clean(load.Switch("the joiner is killed twice"));
        var join = await Nodes.Membership.Change(Nodes.Url(0), ("join", Node(Joiner)));
        var held = 0L;
        for (var kill = 0; kill < 2; kill++)
        {
            await InTheMiddle();
            Assert.InRange(held, 0, held = await Nodes.Membership.Keys(Nodes.Url(Joiner)));
            await Nodes.Kill(Joiner);
            await Requests(load, 200);
            Assert.True((await Seen(0)).IsChanging, "The transfer had ended before the joiner was killed.");
            Nodes.Start(Joiner);
            await Nodes.WhenUp(Joiner);
            // It goes on with what it has.
            Assert.InRange(await Nodes.Membership.Keys(Nodes.Url(Joiner)), Math.Max(held, 1), 500);
        }

        await InTheMiddle();
        Clean(load.Switch("a source is killed"));
        await Nodes.Kill(Source);
        await Requests(load, 500);
        Assert.True((await Seen(0)).IsChanging, "The transfer had ended before its source was killed.");
        Nodes.Start(Source);
        await Nodes.WhenTheRingIs(0, 1, 2, 3);
        await Kept(join, 0, 1, 2, 3);
        Clean(load.Switch("on four", Nodes.Urls([0, 1, 2, 3])));
        await Requests(load, 500);
        Clean(await load.Stop());
        await StoresAreRight([0, 1, 2, 3], still, load);
    }

    // Some of what this run of the joiner began with is compared, and some is not.
    private async Task InTheMiddle()
    {
        var most = 0;
        await Nodes.UntilOrLog(async () =>
        {
            if (await Nodes.Membership.Seen(Nodes.Url(Joiner)) is not { IsChanging: true, TransfersLeft: var left }) return false;
            most = Math.Max(most, left);
            return left > 0 && left < most * 3 / 4;
        });
    }
}
