using System.Text;
using Dynamo.Core;
using Dynamo.Embedded;
using Microsoft.Playwright;

namespace Dynamo.Console.Tests;

/// <summary>A real cluster in this process, each node with its console on a free port.</summary>
internal static class World
{
    public const int Partitions = 64;

    public static Task<EmbeddedCluster> Start(int nodes = 3) =>
        EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = nodes, Partitions = Partitions, HttpPort = 0 });

    /// <summary>Puts a text as a stranger would, without a context.</summary>
    public static async Task Put(EmbeddedMember at, string bucket, string key, string text)
    {
        var outcome = await at.Put(bucket, key, text);
        Assert.True(outcome.IsSuccess, outcome.Sentence);
    }

    /// <summary>The texts that a node's own store holds for a key, sorted; tombstones are "†".</summary>
    public static async Task<string[]> Held(EmbeddedMember member, string bucket, string key)
    {
        var local = await member.Port.Local(Key.Of(bucket, key));
        return local?.Record is not { } record ? [] :
        [
            .. record.Siblings.Select(static s => s.Value is { } value ? Encoding.UTF8.GetString(value.Body.Span) : "†")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Waits until something holds, and says what did not when it never does.</summary>
    public static async Task Until(Func<Task<bool>> holds, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, $"It never came about that {what}.");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>The row of a node in the table of nodes.</summary>
    public static ILocator Row(Watched page, string node) => page.Page.Locator($"#nodes tr[data-key='{node}']");

    /// <summary>Looks a key up by the form.</summary>
    public static async Task LookUp(Watched page, string bucket, string key)
    {
        await page["bucket"].FillAsync(bucket);
        await page["key"].FillAsync(key);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Look up" }).ClickAsync();
    }
}
