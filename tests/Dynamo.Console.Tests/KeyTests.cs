using System.Text;
using Dynamo.Core;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dynamo.Console.Tests;

/// <summary>The key inspector, and siblings that are resolved by it.</summary>
[Collection(Browser.Collection)]
public sealed class KeyTests(Browser browser)
{
    [Fact]
    public async Task Siblings_are_resolved_by_keeping_one()
    {
        await using var cluster = await World.Start();
        await World.Put(cluster["node1"], "carts", "alice", "milk");
        await World.Put(cluster["node2"], "carts", "alice", "bread");
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "keys");
        await World.LookUp(page, "carts", "alice");
        var siblings = page.Page.Locator(".sibling");
        await Expect(siblings).ToHaveCountAsync(2);
        await Expect(page["key-result"]).ToContainTextAsync("2 siblings: versions that were written without knowing of each other.");
        await page.Shot("siblings");

        await siblings.Filter(new() { HasText = "bread" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(siblings).ToHaveCountAsync(1);
        await Expect(siblings.Locator("pre")).ToHaveTextAsync("bread");
        await Expect(siblings).ToContainTextAsync("text/plain; charset=utf-8");
        foreach (var member in cluster.Nodes)
            await World.Until(async () => await World.Held(member, "carts", "alice") is ["bread"], $"{member.Name} holds bread alone");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Siblings_are_resolved_by_a_merged_text_and_a_key_is_deleted()
    {
        await using var cluster = await World.Start();
        await World.Put(cluster["node1"], "carts", "bob", "tea");
        await World.Put(cluster["node3"], "carts", "bob", "jam");
        await using var page = await browser.Open();
        await page.Go(cluster["node2"].Url, "keys/carts/bob");
        await Expect(page["new-text"]).ToHaveValueAsync("tea\njam");
        await page["new-text"].FillAsync("tea and jam, grün");
        await page["new-meta"].FillAsync("Owner: Bøb");
        await page["put"].ClickAsync();
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(1);
        await Expect(page.Page.Locator(".sibling pre")).ToHaveTextAsync("tea and jam, grün");
        await Expect(page.Page.Locator(".sibling")).ToContainTextAsync("Meta OwnerBøb");
        foreach (var member in cluster.Nodes)
            await World.Until(async () => await World.Held(member, "carts", "bob") is ["tea and jam, grün"], $"{member.Name} holds the merge");

        // A put that nobody has seen here meanwhile survives the delete, which takes what was shown.
        await World.Put(cluster["node1"], "carts", "bob", "honey");
        await page["delete"].ClickAsync();
        await page["delete"].ClickAsync();
        await Expect(page.Page.Locator(".sibling pre")).ToHaveTextAsync("honey");
        await page["delete"].ClickAsync();
        await Expect(page["delete"]).ToHaveTextAsync("Yes, delete it now");
        await page["delete"].ClickAsync();
        await Expect(page["key-result"]).ToContainTextAsync("Deleted: a tombstone is left, and its context.");
        Assert.IsType<NotFound>(await cluster["node1"].Get("carts", "bob"));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task The_preference_list_has_roles_and_who_can_be_reached()
    {
        await using var cluster = await World.Start(5);
        await World.Put(cluster["node1"], "b", "k", "v");
        var key = Key.Of("b", "k");
        var list = cluster["node1"].Port.Ring.PreferenceList(cluster["node1"].Port.Ring.PartitionOf(key), 5);
        // A fallback is cut off, and so is an owner; the page is another node's.
        var here = cluster[list[0].Name];
        cluster.Partition([list[0].Name, list[2].Name, list[3].Name], [list[1].Name, list[4].Name]);
        await World.Until(() => Task.FromResult(!here.CanReach(list[1]) && !here.CanReach(list[4])), "the cut is noticed");
        await using var page = await browser.Open();
        await page.Go(here.Url, "keys/b/k");
        var chain = page.Page.Locator(".chain li");
        await Expect(chain).ToHaveCountAsync(5);
        for (var i = 0; i < 5; i++)
        {
            var text = list[i].Name + (i == 0 ? "first owner" : i < 3 ? "owner" : "fallback") + (i is 1 or 4 ? "unreachable" : "reachable");
            await Expect(chain.Nth(i)).ToContainTextAsync(text);
            var link = chain.Nth(i).GetByRole(AriaRole.Link);
            if (i == 0) await Expect(link).ToHaveCountAsync(0);
            else await Expect(link).ToHaveAttributeAsync("href", $"{cluster[list[i].Name].Url}/#keys/b/k");
        }

        await Expect(page["head-local"]).ToHaveTextAsync($"What {list[0].Name} itself holds");
        await Expect(page.Page.Locator(".clock li")).ToHaveCountAsync(1);
        await chain.Nth(2).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page["head-local"]).ToHaveTextAsync($"What {list[2].Name} itself holds");
        await Expect(page.Page.Locator(".version")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_key_of_any_bytes_is_found_and_bytes_are_kept_as_they_are()
    {
        await using var cluster = await World.Start();
        Assert.True(Key.TryCreate("b/ö", [0xFF, (byte)'/', 0x01, (byte)'%'], out var key, out var error), error);
        byte[] bytes = [0, 1, 2, 0xFE, 0xFF];
        for (var i = 0; i < 2; i++)
            Assert.True((await cluster["node1"].Port.Execute(new PutRequest(
                key, default, new Value { Body = bytes.Append((byte)i).ToArray(), ContentType = "image/x-tiny", Metadata = Value.NoMetadata.Add("A", "1") },
                PutOptions.None))).IsSuccess);
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "keys");
        await page["encoded"].CheckAsync();
        await World.LookUp(page, "b/ö", "%FF%2F%01%");
        await Expect(page["key-result"].GetByRole(AriaRole.Alert)).ToContainTextAsync("two hexadecimal digits");
        await World.LookUp(page, "b/ö", "%FF%2F%01%25");
        var siblings = page.Page.Locator(".sibling");
        await Expect(page["head-where"]).ToBeVisibleAsync();
        await Expect(siblings).ToHaveCountAsync(2);
        await Expect(siblings.First.Locator("pre")).ToContainTextAsync("0000  00 01 02 fe ff");
        await siblings.Filter(new() { HasText = "00 01 02 fe ff 01" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(siblings).ToHaveCountAsync(1);
        var found = Assert.IsType<Found>(await cluster["node2"].Port.Execute(new GetRequest(key, GetOptions.None)));
        var value = Assert.Single(found.Siblings).Value!;
        Assert.Equal([0, 1, 2, 0xFE, 0xFF, 1], value.Body.ToArray());
        Assert.Equal(("image/x-tiny", "1"), (value.ContentType, value.Metadata["A"]));
    }

    [Fact]
    public async Task A_counter_shows_what_it_comes_to()
    {
        await using var cluster = await World.Start();
        foreach (var (node, delta) in ((string, long)[])[("node1", 40), ("node2", 5), ("node3", -3)])
            Assert.True((await cluster[node].Increment("visits", "home", delta)).IsSuccess);
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "keys/visits/home");
        await Expect(page.Page.Locator(".counter output")).ToHaveTextAsync("42");
        await Expect(page["editor"]).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Hostile_keys_values_and_metadata_stay_text()
    {
        const string hostile = "<img src=x onerror=\"window.hurt=1\"><script>window.hurt=2</script>";
        await using var cluster = await World.Start();
        for (var i = 0; i < 2; i++)
            await cluster["node1"].Port.Execute(new PutRequest(Key.Of(hostile, hostile), default, new Value
            {
                Body = Encoding.UTF8.GetBytes($"{hostile}{i}"), ContentType = "text/html", Metadata = Value.NoMetadata.Add("X", hostile),
            }, PutOptions.None));
        await using var page = await browser.Open();
        await page.Go(cluster["node1"].Url, "keys");
        await World.LookUp(page, hostile, hostile);
        await Expect(page.Page.Locator(".sibling")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".sibling pre").First).ToHaveTextAsync(hostile + "0");
        await Expect(page.Page.Locator(".sibling dd", new() { HasText = hostile })).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("img:not(.mark), #key-result script")).ToHaveCountAsync(0);
        // The address of the page says the same, when somebody follows a link that was made to hurt.
        await page.Go(cluster["node1"].Url, $"keys/{Uri.EscapeDataString(hostile)}/{hostile}");
        await page.Page.ReloadAsync();
        await Expect(page.Page.Locator(".chain li")).ToHaveCountAsync(3);
        await Expect(page.Page.Locator("img:not(.mark), #key-result script")).ToHaveCountAsync(0);
        Assert.False(await page.Page.EvaluateAsync<bool>("() => 'hurt' in window"));
        Assert.Empty(page.Complaints);
    }
}
