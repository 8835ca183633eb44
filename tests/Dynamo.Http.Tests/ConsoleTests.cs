using System.Text.RegularExpressions;

namespace Dynamo.Http.Tests;

/// <summary>How the console's files are served; what they do is tested with a browser in Dynamo.Console.Tests.</summary>
public sealed class ConsoleTests
{
    private const string Browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

    [Theory]
    [InlineData(Browser, "text/html; charset=utf-8")]
    [InlineData("Accept: application/json", "application/json")]
    [InlineData("Accept: application/json, text/html;q=0.5", "application/json")]
    public async Task People_get_the_console_and_programs_the_resources(string accept, string type)
    {
        await using var service = await Service.Start();
        var answer = await service.Ask("GET", "/", "", accept);
        Assert.Equal((200, type, "Accept"), (answer.Status, answer.Header("Content-Type"), answer.Header("Vary")));
        Assert.Equal(type == "application/json", answer.Body.Contains("\"riak_kv_wm_ping\":\"/ping\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_file_has_its_type_a_strict_policy_and_a_tag()
    {
        await using var service = await Service.Start();
        Assert.True(ConsoleFiles.Names.Count() > 10);
        foreach (var name in ConsoleFiles.Names)
        {
            var answer = await service.Ask("GET", "/console/" + name);
            var type = Path.GetExtension(name) switch
            {
                ".js" => "text/javascript; charset=utf-8", ".css" => "text/css; charset=utf-8", ".svg" => "image/svg+xml",
                _ => "text/html; charset=utf-8",
            };
            Assert.Equal((200, type, "nosniff", "no-cache"),
                (answer.Status, answer.Header("Content-Type"), answer.Header("X-Content-Type-Options"), answer.Header("Cache-Control")));
            var policy = answer.Header("Content-Security-Policy")!;
            foreach (var rule in (string[])["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
                Assert.Contains(rule, policy);
            Assert.DoesNotContain("unsafe", policy);
            var again = await service.Ask("GET", "/console/" + name, "", $"If-None-Match: {answer.Header("ETag")}");
            Assert.Equal((304, ""), (again.Status, again.Body));
            Assert.Equal(200, (await service.Ask("GET", "/console/" + name, "", "If-None-Match: \"other\"")).Status);
            Assert.Equal((200, ""), ((await service.Ask("HEAD", "/console/" + name)).Status, (await service.Ask("HEAD", "/console/" + name)).Body));
        }

        Assert.Equal(404, (await service.Ask("GET", "/console/nothing.js")).Status);
        Assert.Equal(404, (await service.Ask("GET", "/console/..%2Fapp.js")).Status);
        Assert.Equal(405, (await service.Ask("PUT", "/console/app.js", "x")).Status);
    }

    [Fact]
    public async Task Nothing_is_inline_and_everything_that_is_named_is_there()
    {
        await using var service = await Service.Start();
        var page = (await service.Ask("GET", "/", "", Browser)).Body;
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=|javascript:", page);
        var named = Regex.Matches(page, "(?:src|href)=\"/console/([^\"]+)\"").Select(static m => m.Groups[1].Value).ToList();
        Assert.True(named.Count >= 5);
        foreach (var name in ConsoleFiles.Names.Where(static n => n.EndsWith(".js", StringComparison.Ordinal)))
        {
            var script = (await service.Ask("GET", "/console/" + name)).Body;
            named.AddRange(Regex.Matches(script, "from \"\\./([^\"]+)\"").Select(static m => m.Groups[1].Value));
            // Whatever is shown of others becomes text; and nothing is fetched from anywhere else.
            Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script);
            Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg)[a-z]", script);
        }

        Assert.Empty(named.Except(ConsoleFiles.Names));
        Assert.Empty(ConsoleFiles.Names.Except(named).Except(["index.html"]));
    }

    [Theory]
    [InlineData("/", Browser, 200)]
    [InlineData("/console/app.js", Browser, 200)]
    [InlineData("/", "Accept: application/json", 401)]
    [InlineData("/admin/cluster", Browser, 401)]
    [InlineData("/console/app.js/more", Browser, 401)]
    public async Task The_page_holds_no_data_and_needs_no_token(string target, string accept, int status)
    {
        await using var service = await Service.Start(new HttpOptions { BearerToken = "secret" });
        Assert.Equal(status, (await service.Ask("GET", target, "", accept)).Status);
    }

    [Fact]
    public async Task The_page_is_there_when_the_node_is_not()
    {
        await using var service = await Service.Start();
        service.Node.StatusFault = static () => new IOException("down");
        Assert.Equal(200, (await service.Ask("GET", "/", "", Browser)).Status);
    }
}
