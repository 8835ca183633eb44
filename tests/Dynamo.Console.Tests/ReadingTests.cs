using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dynamo.Console.Tests;

/// <summary>Whether everybody can read and use the page: on a narrow screen, by the keyboard, with enough contrast, in both themes.</summary>
[Collection(Browser.Collection)]
public sealed class ReadingTests(Browser browser)
{
    // Every element with text of its own that is less than 4.5 to 1 (3 to 1 where it is large) above what lies behind it.
    private const string TooFaint =
        """
        () => {
            const rgb = text => (text.match(/[\d.]+/g) ?? []).map(Number);
            const light = c => { const [r, g, b] = c.map(x => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
                                 return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                                  if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
            let seen = 0;
            const faint = [];
            for (const e of document.querySelectorAll("body *")) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility({ visibilityProperty: true })) continue;
                if (e.closest("[disabled], [aria-disabled=true], .skip, .unseen, noscript, option")) continue;
                const style = getComputedStyle(e);
                const ink = rgb(e.namespaceURI.endsWith("svg") ? style.fill : style.color).slice(0, 3);
                const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
                const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.7 && style.fontWeight >= 700);
                seen++;
                if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faint.push(`${e.className}: ${e.textContent.slice(0, 40)} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
            }
            return [String(seen), ...faint];
        }
        """;

    [Theory]
    [InlineData(400)]
    [InlineData(1280)]
    public async Task Nothing_needs_scrolling_to_the_side(int width)
    {
        await using var cluster = await World.Start(5);
        foreach (var text in (string[])["milk", new string('x', 400)]) await World.Put(cluster["node1"], "carts", "a key with a rather long name", text);
        await using var page = await browser.Open(width);
        await page.Go(cluster["node1"].Url);
        await Expect(World.Row(page, "node5")).ToBeVisibleAsync();
        await Narrow(page, width);
        if (width == 400) await page.Shot("narrow");
        await page.Go(cluster["node1"].Url, "keys/carts/a%20key%20with%20a%20rather%20long%20name");
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(2);
        await Narrow(page, width);
        if (width == 400) await page.Shot("narrow-key");
        await page.Go(cluster["node1"].Url, "membership");
        await page["change-node"].FillAsync("a-node-with-a-long-name.example.org");
        await page["stage"].ClickAsync();
        await Expect(page["commit"]).ToBeVisibleAsync();
        await Narrow(page, width);
        if (width == 400) await page.Shot("narrow-plan");
    }

    [Fact]
    public async Task Siblings_are_found_and_resolved_by_the_keyboard_alone()
    {
        await using var cluster = await World.Start();
        await World.Put(cluster["node1"], "carts", "alice", "milk");
        await World.Put(cluster["node2"], "carts", "alice", "bread");
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        await Expect(page["pulse"]).ToHaveTextAsync("live");
        await TabTo(page, "Skip to the content");
        await TabTo(page, "Keys");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["view-keys"]).ToBeVisibleAsync();
        await TabTo(page, "bucket");
        await page.Page.Keyboard.TypeAsync("carts");
        await TabTo(page, "key");
        await page.Page.Keyboard.TypeAsync("alice");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(2);
        await TabTo(page, "Keep sibling 2 alone");
        await page.Page.Keyboard.PressAsync("Space");
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(1);
        await Expect(page["head-versions"]).ToBeFocusedAsync();
        await Expect(page["announce"]).ToHaveTextAsync("The siblings are resolved. 2 siblings replaced.");
        await TabTo(page, "new-text");
        await page.Page.Keyboard.TypeAsync("!");
        await TabTo(page, "Put");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["announce"]).ToHaveTextAsync("The value is stored.");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task What_has_the_focus_keeps_it_while_numbers_change()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        var button = World.Row(page, "node2").GetByRole(AriaRole.Button);
        await button.FocusAsync();
        await World.Put(cluster["node1"], "b", "k", "v");
        await Expect(page["here"]).ToContainTextAsync("Puts that failed of 10");
        cluster.Partition(["node1", "node2"], ["node3"]);
        await Expect(World.Row(page, "node3").Locator(".chip")).ToHaveTextAsync("unreachable");
        await Expect(button).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Text_has_enough_contrast(ColorScheme scheme)
    {
        await using var cluster = await World.Start();
        foreach (var text in (string[])["milk", "bread"]) await World.Put(cluster["node1"], "carts", "alice", text);
        cluster.Partition(["node1", "node2"], ["node3"]);
        await using var page = await browser.Open(scheme: scheme);
        await page.Go(cluster["node1"].Url);
        await Expect(World.Row(page, "node3").Locator(".chip")).ToHaveTextAsync("unreachable");
        await Readable(page);
        await page.Go(cluster["node1"].Url, "keys/carts/alice");
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(2);
        await Readable(page);
        if (scheme == ColorScheme.Dark) await page.Shot("dark-siblings");
        await page.Go(cluster["node1"].Url, "membership");
        await page["change-node"].FillAsync("node4");
        await page["stage"].ClickAsync();
        await Expect(page["commit"]).ToBeVisibleAsync();
        await Readable(page);
        if (scheme == ColorScheme.Dark) await page.Shot("dark-plan");
    }

    [Fact]
    public async Task The_page_has_landmarks_headings_and_names_for_everything_that_is_used()
    {
        await using var cluster = await World.Start();
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url);
        await Expect(page["pulse"]).ToHaveTextAsync("live");
        foreach (var role in (AriaRole[])[AriaRole.Banner, AriaRole.Main, AriaRole.Navigation])
            await Expect(page.Page.GetByRole(role)).ToHaveCountAsync(1);
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("node1");
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Ring", Exact = true })).ToHaveAttributeAsync("aria-current", "page");
        foreach (var view in (string[])["ring", "keys", "membership"])
        {
            await page.Go(cluster["node1"].Url, view);
            var used = page.Page.Locator("button:visible, a:visible, input:visible, select:visible, textarea:visible, [role=slider]:visible");
            var count = await used.CountAsync();
            Assert.True(count > 4, $"only {count} things can be used in {view}");
            for (var i = 0; i < count; i++)
                Assert.Matches("\".+\"|: .+", await used.Nth(i).AriaSnapshotAsync());
        }
    }

    private static async Task Readable(Watched page)
    {
        var found = await page.Page.EvaluateAsync<string[]>(TooFaint);
        Assert.True(int.Parse(found[0]) > 30, $"only {found[0]} texts were looked at");
        Assert.Empty(found[1..]);
    }

    private static async Task Narrow(Watched page, int width) => Assert.Equal(
        width, await page.Page.EvaluateAsync<int>("() => Math.max(innerWidth, document.documentElement.scrollWidth)"));

    // Presses Tab until what is named, by its text or id, has the focus; and it must be seen to have it.
    private static async Task TabTo(Watched page, string name)
    {
        for (var i = 0; i < 60; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            var at = await page.Page.EvaluateAsync<string[]>(
                "() => { const e = document.activeElement; const s = getComputedStyle(e); return [e.id, e.textContent.trim(), s.outlineStyle, s.outlineWidth]; }");
            if (at[0] != name && at[1] != name) continue;
            Assert.Equal(("solid", "2px"), (at[2], at[3]));
            return;
        }

        Assert.Fail($"Tab never leads to {name}.");
    }
}
