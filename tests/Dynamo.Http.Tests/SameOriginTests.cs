namespace Dynamo.Http.Tests;

/// <summary>What pages of other sites may do when somebody opens them in a browser that reaches the node: nothing.</summary>
public sealed class SameOriginTests
{
    [Theory]
    [InlineData("http://localhost:{port}", 202)]
    [InlineData("https://localhost:{port}", 202)]
    [InlineData("http://LOCALHOST:{port}", 202)]
    [InlineData("http://localhost", 403)]
    [InlineData("http://localhost:1", 403)]
    [InlineData("http://127.0.0.1:{port}", 403)]
    [InlineData("http://evil.example", 403)]
    [InlineData("http://localhost.evil.example:{port}", 403)]
    [InlineData("null", 403)]
    [InlineData("", 403)]
    [InlineData("localhost:{port}", 403)]
    [InlineData("file://localhost:{port}", 403)]
    public async Task A_change_is_taken_only_from_a_page_of_this_node(string origin, int status)
    {
        await using var service = await Service.Start();
        var answer = await Send(service, "POST", "/admin/repair", $"localhost:{service.Port}", $"Origin: {origin.Replace("{port}", $"{service.Port}")}");
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 202 ? 30 : 0, service.Node.Progress!.PairsOfRepair);
        if (status == 403) Assert.Contains("page of another site", answer.Body);
    }

    [Theory]
    [InlineData("POST", "/admin/cluster/clear")]
    [InlineData("POST", "/admin/cluster/commit")]
    [InlineData("POST", "/buckets/b/keys")]
    [InlineData("POST", "/buckets/b/keys/k")]
    [InlineData("PUT", "/buckets/b/keys/k")]
    [InlineData("DELETE", "/riak/b/k")]
    [InlineData("POST", "/buckets/b/counters/k")]
    [InlineData("PUT", "/buckets/b/props")]
    public async Task Every_way_to_change_something_is_closed_to_other_pages(string method, string target)
    {
        await using var service = await Service.Start();
        Assert.Equal(403, (await Send(service, method, target, "localhost", "Origin: http://evil.example")).Status);
        Assert.Empty(service.Node.Requests);
        // A program says nothing of an origin.
        Assert.NotEqual(403, (await Send(service, method, target, "localhost", "Content-Type: application/json")).Status);
    }

    [Fact]
    public async Task The_port_of_the_scheme_need_not_be_named()
    {
        await using var service = await Service.Start();
        Assert.Equal(202, (await Send(service, "POST", "/admin/repair", "127.0.0.1", "Origin: http://127.0.0.1")).Status);
        Assert.Equal(202, (await Send(service, "POST", "/admin/repair", "127.0.0.1:443", "Origin: https://127.0.0.1")).Status);
        Assert.Equal(202, (await Send(service, "POST", "/admin/repair", "[::1]:8098", "Origin: http://[::1]:8098")).Status);
        Assert.Equal(403, (await Send(service, "POST", "/admin/repair", "127.0.0.1:443", "Origin: http://127.0.0.1")).Status);
    }

    [Fact]
    public async Task Two_origins_are_none()
    {
        await using var service = await Service.Start();
        var answer = await Send(service, "POST", "/admin/repair", "localhost", "Origin: http://localhost\r\nOrigin: http://evil.example");
        Assert.Equal(403, answer.Status);
    }

    [Theory]
    [InlineData("127.0.0.1:8098", 200)]
    [InlineData("[::1]:8098", 200)]
    [InlineData("localhost:8098", 200)]
    [InlineData("node1.localhost", 200)]
    [InlineData("10.1.2.3", 200)]
    [InlineData("rebound.evil.example:8098", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost.evil.example", 403)]
    public async Task A_foreign_name_that_leads_to_loopback_reads_nothing(string host, int status)
    {
        await using var service = await Service.Start();
        foreach (var target in (string[])["/admin/cluster", "/buckets?buckets=true", "/"])
        {
            Assert.Equal(status, (await Send(service, "GET", target, host, "Accept-Language: en")).Status);
            Assert.Equal(status, (await Send(service, "GET", target, host, "Accept-Language: ")).Status);
            // No browser: nobody can have led it here.
            Assert.Equal(200, (await Send(service, "GET", target, host, "Accept: */*")).Status);
        }

        var origin = await Send(service, "POST", "/admin/repair", host, $"Origin: http://{host}");
        Assert.Equal(status == 200 ? 202 : 403, origin.Status);
    }

    [Fact]
    public async Task With_a_token_every_name_will_do()
    {
        await using var service = await Service.Start(new HttpOptions { BearerToken = "secret" });
        Assert.Equal(200, (await Send(service, "GET", "/stats", "db.example.org", "Authorization: Bearer secret\r\nAccept-Language: en")).Status);
        Assert.Equal(403, (await Send(
            service, "POST", "/admin/repair", "db.example.org", "Authorization: Bearer secret\r\nOrigin: https://evil.example")).Status);
        Assert.Equal(202, (await Send(
            service, "POST", "/admin/repair", "db.example.org", "Authorization: Bearer secret\r\nOrigin: https://db.example.org")).Status);
    }

    private static Task<RawAnswer> Send(Service service, string method, string target, string host, string headers) => RawHttp.Send(
        service.Port,
        $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        + (method is "GET" ? "\r\n" : "Content-Length: 0\r\n\r\n"));
}
