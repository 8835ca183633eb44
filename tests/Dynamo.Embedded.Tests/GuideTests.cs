using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Dynamo.Core;

namespace Dynamo.Embedded.Tests;

/// <summary>The samples of docs/developers-guide.md: each stands here between "guide:" and "end", is compiled and run, and must be the same.</summary>
public partial class GuideTests
{
    [Fact]
    public async Task Siblings_are_read_merged_and_written()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 3);
        var node = cluster["node1"];
        // guide:
        await node.Put("carts", "alice", "milk");
        await node.Put("carts", "alice", "bread");
        var read = (Found)await node.Get("carts", "alice");
        var texts = read.Siblings.Select(s => Encoding.UTF8.GetString(s.Value!.Body.Span)).Order();
        await node.Put("carts", "alice", string.Join(" and ", texts), read.Context);
        // end
        Assert.Equal("bread and milk", Text(Assert.Single(((Found)await node.Get("carts", "alice")).Siblings)));
    }

    [Fact]
    public async Task Counts_deletes_and_quorums()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 3);
        var node = cluster["node2"];
        // guide:
        await node.Increment("visits", "home");
        await node.Increment("visits", "home", 4);
        var visits = Counter.ValueOf(((Found)await node.Get("visits", "home")).Siblings);
        // end
        Assert.Equal((Int128)5, visits);
        // guide:
        await node.Put("carts", "bob", "milk", options: new PutOptions { W = QuorumSize.One });
        var all = await node.Get("carts", "bob", new GetOptions { R = QuorumSize.All });
        // end
        Assert.IsType<Found>(all);
        // guide:
        var seen = (Found)await node.Get("carts", "bob");
        await node.Delete("carts", "bob", seen.Context);
        var gone = await node.Get("carts", "bob") is NotFound;
        // end
        Assert.True(gone);
    }

    [Fact]
    public async Task A_partition_leaves_both_sides_values()
    {
        // guide:
        await using var cluster = EmbeddedCluster.Start(nodes: 3);
        await cluster["node1"].Put("carts", "alice", "milk");
        cluster.Partition(["node1"], ["node2", "node3"]);
        await cluster["node1"].Put("carts", "carol", "left", options: new PutOptions { W = QuorumSize.One });
        await cluster["node2"].Put("carts", "carol", "right", options: new PutOptions { W = QuorumSize.One });
        cluster.Heal();
        await cluster.WhenConnected();
        await cluster.Repair();
        var both = (Found)await cluster["node3"].Get("carts", "carol");
        // end
        Assert.Equal("left\nright", Merge(both.Siblings));

        // guide:
        static string Merge(IEnumerable<Sibling> siblings) => string.Join('\n', siblings
            .SelectMany(s => Encoding.UTF8.GetString(s.Value!.Body.Span).Split('\n'))
            .Distinct().Order(StringComparer.Ordinal));
        // end
    }

    [Fact]
    public void Every_sample_of_the_guide_is_one_of_these()
    {
        var source = File.ReadAllText(Here());
        var guide = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "docs", "developers-guide.md"));
        var here = Region().Matches(source).Select(static m => Plain(m.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);
        var there = Sample().Matches(guide).Select(static m => Plain(m.Groups[1].Value)).ToList();
        Assert.True(there.Count >= 6);
        Assert.All(there, sample => Assert.Contains(sample, here));
        Assert.Equal(here.Count, there.Count);
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string Text(Sibling sibling) => Encoding.UTF8.GetString(sibling.Value!.Body.Span);

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"// guide:\n(.*?)// end\n", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
