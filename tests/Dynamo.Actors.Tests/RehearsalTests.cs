using System.Runtime;

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

    [Fact]
    public async Task Two_actor_systems_become_a_cluster_in_memory_and_end()
    {
        for (var i = 0; i < 2; i++) Assert.Null(await Record.ExceptionAsync(ClusterRehearsal.Run));
    }
}
