using Dynamo.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dynamo.Console.Tests;

/// <summary>What surrounds the page: tokens, nodes that go away, hidden tabs, and pages of other sites.</summary>
[Collection(Browser.Collection)]
public sealed class OutsideTests(Browser browser)
{
    [Fact]
    public async Task A_token_is_asked_for_and_kept_in_the_tab_alone()
    {
        await using var cluster = await World.Start();
        await using var http = await DynamoHttp.StartAsync(cluster["node1"].Port, new HttpOptions { BearerToken = "geheim" });
        await using var page = await browser.Open();
        await page.Go(http.Url, "keys/b/k");
        await Expect(page["token-dialog"]).ToBeVisibleAsync();
        await Expect(page["token"]).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page["token-dialog"]).ToBeVisibleAsync();
        await page["token"].FillAsync("falsch");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["token-wrong"]).ToHaveTextAsync("The node does not take that token.");
        await page["token"].FillAsync("geheim");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["token-dialog"]).ToBeHiddenAsync();
        await Expect(page["node-name"]).ToHaveTextAsync("node1");
        await Expect(page.Page.Locator(".chain li")).ToHaveCountAsync(3);
        await page["new-text"].FillAsync("stored with the token");
        await page["put"].ClickAsync();
        await Expect(page.Page.Locator(".sibling pre")).ToHaveTextAsync("stored with the token");

        await page.Page.ReloadAsync();
        await Expect(page["node-name"]).ToHaveTextAsync("node1");
        await Expect(page["token-dialog"]).ToBeHiddenAsync();
        Assert.Equal("geheim", await page.Page.EvaluateAsync<string>("() => Object.values(sessionStorage).join()"));
        Assert.DoesNotContain("geheim", await page.Page.EvaluateAsync<string>(
            "() => Object.values(localStorage).join() + document.cookie + location.href + document.documentElement.outerHTML"));
        // Another tab knows nothing of it.
        var other = await page.Page.Context.NewPageAsync();
        await other.GotoAsync(http.Url);
        await Expect(other.Locator("#token-dialog")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_node_that_goes_away_is_told_of_and_taken_up_again()
    {
        await using var cluster = await World.Start();
        var http = await DynamoHttp.StartAsync(cluster["node1"].Port, new HttpOptions());
        await using var page = await browser.Open();
        await page.Go(http.Url);
        await Expect(page["pulse"]).ToHaveTextAsync("live");
        await http.DisposeAsync();
        await Expect(page["banners"]).ToContainTextAsync("node1 does not answer: the connection failed. What is shown is from ");
        await Expect(page["pulse"]).ToHaveTextAsync("no answer");
        await Expect(page.Page.Locator("#segments path")).ToHaveCountAsync(World.Partitions);

        await using var again = await DynamoHttp.StartAsync(cluster["node1"].Port, new HttpOptions { Port = http.Port });
        await Expect(page["pulse"]).ToHaveTextAsync("live");
        await Expect(page["banners"]).ToBeEmptyAsync();

        // The server answers and the node does not: its own sentence is shown.
        cluster.Kill("node1");
        await Expect(page["banners"]).ToContainTextAsync("node1 does not answer: The node failed to answer");
        cluster.Restart("node1");
        await Expect(page["banners"]).ToBeEmptyAsync();
    }

    [Fact]
    public async Task A_hidden_tab_asks_nothing()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Page.Clock.InstallAsync();
        var asked = 0;
        page.Page.Request += (_, request) => { if (request.Url.EndsWith("/stats", StringComparison.Ordinal)) Interlocked.Increment(ref asked); };
        await page.Go(cluster["node1"].Url);
        await World.Until(() => Task.FromResult(asked == 1), "the page asks once");
        await Expect(page["pulse"]).ToHaveTextAsync("live");
        await page.Page.Clock.RunForAsync(2000);
        await World.Until(() => Task.FromResult(asked == 2), "it asks again after two seconds");

        await Hide(page, true);
        var before = asked;
        await page.Page.Clock.RunForAsync(60_000);
        Assert.Equal(before, asked);
        await Hide(page, false);
        await World.Until(() => Task.FromResult(asked == before + 1), "it asks at once when it is seen again");
    }

    [Fact]
    public async Task A_page_of_another_site_changes_nothing()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        // /ping is a page without a policy of its own, and localhost another site than 127.0.0.1.
        await page.Page.GotoAsync(cluster["node2"].Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/ping");
        foreach (var path in (string[])["/admin/repair", "/admin/cluster/clear", "/buckets/b/keys/k", "/buckets/b/counters/c"])
        {
            var answer = page.Page.WaitForResponseAsync("**" + path);
            await page.Page.EvaluateAsync(
                "url => fetch(url, { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: '1' }).catch(() => 0)",
                cluster["node1"].Url + path);
            Assert.Equal(403, (await answer).Status);
        }

        Assert.Equal(0, (await cluster["node1"].Port.RepairProgress())!.PairsOfRepair);
        foreach (var key in (string[])["k", "c"]) Assert.IsType<Core.NotFound>(await cluster["node1"].Get("b", key));
    }

    private static Task Hide(Watched page, bool hidden) => page.Page.EvaluateAsync(
        """
        hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }
        """, hidden);
}
