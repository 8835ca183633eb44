using System.Runtime;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>What a node goes through before it is asked for it.</summary>
public sealed class RehearsalTests
{
    [Fact]
    public void It_comes_to_its_end_and_leaves_hardly_anything_to_compile()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dynamo-rehearsal-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(folder, "n1", "left behind"));
        var first = Rehearsal.Run(folder);
        // Three requests for each of 24 keys, three times over; of the keys written meanwhile the absent node owns each, by two writes.
        Assert.Equal(new RehearsalReport(Answers: 216, HintsDelivered: first.HintsDelivered, Ring: 1), first);
        Assert.True(first.HintsDelivered >= 24, $"{first.HintsDelivered} hints came home.");

        var before = JitInfo.GetCompiledMethodCount(currentThread: true);
        Assert.Equal(first, Rehearsal.Run(folder));
        var compiled = JitInfo.GetCompiledMethodCount(currentThread: true) - before;
        Assert.True(compiled < 100, $"The second time {compiled} methods were compiled.");
        Assert.False(Directory.Exists(folder));
        Assert.Equal(first, Rehearsal.Run(folder: null));
    }

    [Theory]
    [InlineData(true, JoinRehearsal.Few)]
    [InlineData(false, JoinRehearsal.Enough)]
    public async Task Four_nodes_of_a_process_serve_while_one_of_them_joins_and_leave_nothing_behind(bool onDisk, int requests)
    {
        var folder = onDisk ? Path.Combine(Path.GetTempPath(), $"dynamo-rehearsal-{Guid.NewGuid():N}") : null;
        var report = await JoinRehearsal.Run(folder, requests, async static (asked, joining) =>
        {
            Assert.Equal("", await asked.Stage(new MembershipChange.Join(new RingMember(joining), new ChangeOrigin(asked.Self, "test", default)), force: false));
            Assert.Equal("", (await asked.Commit(static _ => ""))!.Item2);
        }, static () => true);
        Assert.NotNull(report);
        Assert.InRange(report.Answers, requests, int.MaxValue);
        // Three copies of each of 256 keys lie on four nodes; a client that rests may not have come to all of them.
        Assert.InRange(report.Keys, requests == JoinRehearsal.Enough ? 128 : 8, 256);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_rehearsal_that_fails_leaves_nothing_behind_either()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dynamo-rehearsal-{Guid.NewGuid():N}");
        await Assert.ThrowsAsync<HttpRequestException>(
            () => JoinRehearsal.Run(folder, 100, static (_, _) => throw new HttpRequestException("refused"), static () => true));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_rehearsal_ends_when_the_node_is_needed()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"dynamo-rehearsal-{Guid.NewGuid():N}");
        var looks = 0;
        // Far more requests than it would get through in a minute.
        Assert.Null(await JoinRehearsal.Run(
            folder, int.MaxValue / 2, static (_, _) => Task.CompletedTask, () => Interlocked.Increment(ref looks) < 20));
        Assert.False(Directory.Exists(folder));
    }
}
