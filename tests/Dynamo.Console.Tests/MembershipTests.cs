using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dynamo.Console.Tests;

/// <summary>Changes of the membership, staged, looked at and committed in the page.</summary>
[Collection(Browser.Collection)]
public sealed class MembershipTests(Browser browser)
{
    [Fact]
    public async Task A_node_joins_by_the_page_until_the_ring_is_settled()
    {
        await using var cluster = await World.Start();
        for (var i = 0; i < 300; i++) await World.Put(cluster["node1"], "b", $"k{i}", new string('v', 100));
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "membership");
        await Expect(page["settled"]).ToContainTextAsync("Every node works by ring 0");
        await page["change-node"].FillAsync("node4");
        await page["change-weight"].FillAsync("2");
        await page["stage"].ClickAsync();
        await Expect(page["staged"]).ToContainTextAsync("node4");

        var plan = (await cluster["node1"].Port.Plan()).Value!;
        foreach (var row in plan.Nodes)
        {
            var cells = page.Page.Locator($"#plan tr[data-key='{row.Node.Name}'] td");
            await Expect(cells.Nth(1)).ToHaveTextAsync(row.Before.ToString());
            await Expect(cells.Nth(2).Locator("b")).ToHaveTextAsync(row.After.ToString());
        }

        Assert.Equal(0, plan.Nodes.Single(n => n.Node.Name == "node4").Before);
        Assert.True(plan.Nodes.Single(n => n.Node.Name == "node4").After > 0);
        await Expect(page["plan"]).ToContainTextAsync($"{plan.OwnerMoves.Length} partitions change their owner");
        await page.Shot("plan");

        // While a member is away the change waits, so that it can be looked at.
        cluster.Partition(["node1", "node2"], ["node3"]);
        await Expect(page["banners"]).ToContainTextAsync("node1 cannot reach node3.");
        await page["commit"].ClickAsync();
        await Expect(page["progress"].Locator(".chip").First).ToHaveTextAsync("changing");
        await Expect(page["progress"].Locator("tr[data-key='node4'] td").First).ToContainTextAsync("joining");
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Ring" }).First.ClickAsync();
        await Expect(page["ring-drawing"].Locator(".moving")).ToHaveCountAsync(plan.OwnerMoves.Length);
        await Expect(World.Row(page, "node4").Locator(".figures")).ToHaveTextAsync($"0 → {plan.Nodes.Single(n => n.Node.Name == "node4").After}");
        await Expect(World.Row(page, "node4").Locator(".chip").First).ToHaveTextAsync("joining");
        await page.Shot("join");
        await page.Go(cluster["node1"].Url, "membership");
        await page.Shot("join-progress");

        cluster.Heal();
        await Expect(page["settled"]).ToContainTextAsync("Every node works by ring 1, after 1 commit.");
        await cluster.WhenSettled();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Ring" }).First.ClickAsync();
        var share = cluster["node1"].Port.Ring.Share(cluster["node4"].Name);
        await Expect(page.Page.Locator("#segments path[data-owner='node4']")).ToHaveCountAsync(share);
        await Expect(page["ring-drawing"].Locator(".moving")).ToHaveCountAsync(0);
        await Expect(page["banners"]).ToBeEmptyAsync();
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task A_refusal_is_told_and_what_is_staged_is_cleared()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "membership");
        await page["change-kind"].SelectOptionAsync("remove");
        await page["change-node"].SelectOptionAsync("node3");
        await page["stage"].ClickAsync();
        await Expect(page["stage-wrong"]).ToContainTextAsync("node3");
        await Expect(page["staged"]).ToContainTextAsync("Nothing is staged");

        await page["change-force"].CheckAsync();
        await page["stage"].ClickAsync();
        await Expect(page["stage-wrong"]).ToBeEmptyAsync();
        await Expect(page["plan"].Locator("tr[data-key='node3'] td").Nth(2).Locator("b")).ToHaveTextAsync("0");
        await page["clear"].ClickAsync();
        await Expect(page["staged"]).ToContainTextAsync("Nothing is staged");
        await Expect(page["commit"]).ToHaveCountAsync(0);
        Assert.Empty((await cluster["node1"].Port.Membership()).Value!.Staged);
    }

    [Theory]
    [InlineData("leave", "{ \"node\": \"node2\" }")]
    [InlineData("replace", "{ \"old\": \"node2\", \"new\": \"node7\" }")]
    [InlineData("weight", "{ \"node\": \"node2\", \"weight\": 3 }")]
    public async Task Every_other_change_can_be_staged(string kind, string fields)
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "membership");
        await page["change-kind"].SelectOptionAsync(kind);
        foreach (var (name, value) in System.Text.Json.JsonDocument.Parse(fields).RootElement.EnumerateObject()
            .Select(static p => (p.Name, p.Value.ToString())))
        {
            var field = page[$"change-{name}"];
            if (await field.EvaluateAsync<string>("x => x.nodeName") == "SELECT") await field.SelectOptionAsync(value);
            else await field.FillAsync(value);
        }

        await page["stage"].ClickAsync();
        await Expect(page["staged"]).ToContainTextAsync("node2");
        var staged = Assert.Single((await cluster["node1"].Port.Membership()).Value!.Staged);
        Assert.Equal((kind, "console"), (Word(staged), staged.Origin.By));
    }

    [Fact]
    public async Task Only_the_plan_that_is_shown_is_committed()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "membership");
        await page["change-node"].FillAsync("node4");
        await page["stage"].ClickAsync();
        await Expect(page["commit"]).ToBeVisibleAsync();
        // The page does not hear of what somebody else stages, until it has committed in vain.
        await page.Page.RouteAsync("**/admin/cluster", static route => route.AbortAsync());
        using var client = new HttpClient();
        using var body = new StringContent("""{"node":"node2","weight":4}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        (await client.PostAsync(new Uri(cluster["node1"].Url + "/admin/cluster/weight"), body)).EnsureSuccessStatusCode();
        await page["commit"].ClickAsync();
        await Expect(page["announce"]).ToContainTextAsync("has changed since this plan was made");
        Assert.Equal(0, (await cluster["node1"].Port.Membership()).Value!.Commits);
        await page.Page.UnrouteAsync("**/admin/cluster");
        await Expect(page["plan"].Locator("tr[data-key='node2'] td").Last).ToHaveTextAsync("1 → 4");
        await Expect(page["plan"].GetByRole(AriaRole.Alert)).ToContainTextAsync("has changed since this plan was made");
    }

    private static string Word(Core.MembershipChange change) => change switch
    {
        Core.MembershipChange.Leave => "leave",
        Core.MembershipChange.Replace => "replace",
        Core.MembershipChange.Weigh => "weight",
        _ => "another",
    };
}
