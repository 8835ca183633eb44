using Dynamo.Core;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dynamo.Console.Tests;

/// <summary>The ring, the nodes and what is told of them, against what the cluster itself says.</summary>
[Collection(Browser.Collection)]
public sealed class RingViewTests(Browser browser)
{
    [Fact]
    public async Task A_healthy_ring_is_shown_with_its_numbers()
    {
        await using var cluster = await World.Start();
        for (var i = 0; i < 40; i++) await World.Put(cluster["node1"], "b", $"k{i}", "v");
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);

        await Expect(page["node-name"]).ToHaveTextAsync("node1");
        await Expect(page["ring-more"]).ToHaveTextAsync("3 of 3 nodes reachable");
        var ring = cluster["node1"].Port.Ring;
        foreach (var member in cluster.Nodes)
        {
            var row = World.Row(page, member.Name.Name);
            await Expect(row.Locator(".figures")).ToHaveTextAsync(ring.Share(member.Name).ToString());
            await Expect(row.Locator(".chip")).ToHaveTextAsync(member.Name.Name == "node1" ? "this node" : "reachable");
            var other = row.Locator("a.out");
            if (member.Name.Name == "node1") await Expect(other).ToHaveCountAsync(0);
            else await Expect(other).ToHaveAttributeAsync("href", member.Url + "/");
        }

        var owners = await page.Page.Locator("#segments path").EvaluateAllAsync<string[]>("all => all.map(x => x.dataset.owner)");
        Assert.Equal(Enumerable.Range(0, World.Partitions).Select(p => ring.OwnerOf(new PartitionId(p)).Name), owners);
        Assert.Equal(3, owners.Distinct().Count());
        await Expect(page["here"]).ToContainTextAsync($"partitions{(await cluster["node1"].Port.Status()).Keys}");
        await Expect(page["here"]).ToContainTextAsync("Storage memoryhealthy");
        await Expect(page["here"]).ToContainTextAsync("Puts that failed of 400");
        await Expect(page["coming"]).ToContainTextAsync("None: the ring is settled.");
        await Expect(page["banners"]).ToBeEmptyAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Traffic_and_latency_are_shown()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open(height: 1100);
        await page.Go(cluster["node1"].Url);
        using var stop = new CancellationTokenSource();
        var load = Load(cluster["node1"].Url, stop.Token);
        foreach (var card in (string[])["gets", "puts"])
        {
            await Expect(page[card].Locator(".figure.p2 dd")).ToContainTextAsync("s");
            await Expect(page[card].Locator(".figure.rate dd")).Not.ToHaveTextAsync("0");
            await Expect(page[card].Locator(".line.p2")).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("(L.*){3}"));
        }

        if (Environment.GetEnvironmentVariable("CONSOLE_SCREENSHOTS") is not null)
            await Expect(page["gets"].Locator(".line.p2")).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("(L[^L]*){10}"));
        await page.Shot("healthy");
        await page["theme"].ClickAsync();
        await page["theme"].ClickAsync();
        await Expect(page["theme"]).ToHaveTextAsync("Theme: dark");
        await page.Shot("dark");
        await stop.CancelAsync();
        await load;
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Nodes_that_cannot_be_reached_are_told_and_come_back()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        await Expect(World.Row(page, "node3").Locator(".chip")).ToHaveTextAsync("reachable");

        cluster.Partition(["node1", "node2"], ["node3"]);
        await Expect(World.Row(page, "node3").Locator(".chip")).ToHaveTextAsync("unreachable");
        await Expect(World.Row(page, "node2").Locator(".chip")).ToHaveTextAsync("reachable");
        await Expect(page["banners"]).ToContainTextAsync("node1 cannot reach node3.");
        await Expect(page["ring-more"]).ToHaveTextAsync("2 of 3 nodes reachable");
        Assert.Equal(
            cluster["node1"].Port.Ring.Share(cluster["node3"].Name), await page.Page.Locator("#segments path.down").CountAsync());
        // Each of three nodes owns every key, so each put leaves a hint for the one that is away.
        for (var i = 0; i < 12; i++) await World.Put(cluster["node1"], "carts", $"k{i}", "v");
        await World.Until(async () => (await cluster["node1"].Port.Status()).Hints.Values.Sum() > 0, "node1 keeps a hint");
        await Expect(page["coming"].Locator("li[data-key='node3'] b")).Not.ToHaveTextAsync("0");
        await page.Shot("partition");

        cluster.Heal();
        await Expect(World.Row(page, "node3").Locator(".chip")).ToHaveTextAsync("reachable");
        await Expect(page["banners"]).ToBeEmptyAsync();
        await Expect(page["coming"]).ToContainTextAsync("None: nobody was away");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task A_partition_is_found_by_the_arrow_keys_and_by_the_pointer()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        var drawing = page["ring-drawing"];
        await drawing.FocusAsync();
        await page.Page.Keyboard.PressAsync("End");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        var ring = cluster["node1"].Port.Ring;
        var at = World.Partitions - 2;
        var owners = ring.PreferenceList(new PartitionId(at), 3).Select(static n => n.Name).ToArray();
        var sentence = $"Partition {at}: owner {owners[0]}, replicas at {owners[1]} and {owners[2]}";
        await Expect(drawing).ToHaveAttributeAsync("aria-valuetext", sentence);
        await Expect(drawing).ToHaveAttributeAsync("aria-valuenow", at.ToString());
        await Expect(page["ring-said"]).ToHaveTextAsync(sentence + ".");
        await page.Page.Keyboard.PressAsync("Escape");

        // Straight right of the middle a quarter of the ring has passed.
        var box = (await drawing.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(box.X + box.Width * 0.87f, box.Y + box.Height * 0.505f);
        await Expect(page["ring-said"]).ToContainTextAsync($"Partition {World.Partitions / 4}: owner ");

        await World.Row(page, "node2").GetByRole(AriaRole.Button).ClickAsync();
        await page.Page.Mouse.MoveAsync(0, 0);
        await Expect(page.Page.Locator("#segments path:not(.dim)")).ToHaveCountAsync(ring.Share(cluster["node2"].Name));
    }

    [Fact]
    public async Task A_repair_is_begun_and_followed_to_its_end()
    {
        await using var cluster = await World.Start();
        for (var i = 0; i < 20; i++) await World.Put(cluster["node1"], "b", $"k{i}", "v");
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        await page["repair"].ClickAsync();
        await Expect(page["repair-said"]).ToContainTextAsync("Finished: ");
        var progress = await cluster["node1"].Port.RepairProgress();
        Assert.True(progress!.PairsOfRepair > 0);
        await Expect(page["repair-said"]).ToHaveTextAsync($"Finished: {progress.PairsOfRepair} pairs compared");
    }

    private static async Task Load(string url, CancellationToken stop)
    {
        using var client = new HttpClient();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = new Uri($"{url}/buckets/b/keys/k{i}");
            using var content = new StringContent(new string('v', i % 700));
            await client.PutAsync(key, content, CancellationToken.None);
            for (var g = 0; g < 3; g++) await client.GetAsync(key, CancellationToken.None);
        }
    }
}
