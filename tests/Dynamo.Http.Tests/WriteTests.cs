using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>PUT, POST and DELETE beyond what the captures show: bodies, headers, conditions.</summary>
public sealed class WriteTests
{
    private const string Target = "/buckets/b/keys/k";

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nshort")]
    [InlineData("Content-Length: 10\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nsho")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nrubbish\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    public async Task A_body_cut_short_is_400_and_stores_nothing(string rest)
    {
        await using var service = await Service.Start();
        var request = $"PUT {Target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: text/plain\r\n{rest}";
        var answer = await RawHttp.Send(service.Port, request, halfClose: true);
        Assert.Equal(400, answer.Status);
        Assert.Contains("cut short", answer.Body);
        Assert.Empty(service.Node.Requests);
    }

    [Theory]
    [InlineData("GET /buckets/b/keys/k HTTP/1.1\r\nHost: h\r\n\r\n", 404)]
    [InlineData("PUT /buckets/b/keys/k HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx", 204)]
    [InlineData("PUT /nothing/here HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nunread...", 404)]
    [InlineData("PUT /nothing/here HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\ncut", 404)]
    public async Task A_client_that_has_closed_its_side_is_answered(string request, int status)
    {
        await using var service = await Service.Start();
        for (var i = 0; i < 20; i++) Assert.Equal(status, (await RawHttp.Send(service.Port, request, halfClose: true)).Status);
    }

    [Theory]
    [InlineData(0, 204)]
    [InlineData(1, 204)]
    [InlineData(100_000, 204)]
    [InlineData(100_001, 413)]
    [InlineData(3_000_000, 413)]
    public async Task Values_have_a_limit(int length, int status)
    {
        await using var service = await Service.Start(new HttpOptions { MaxValueBytes = 100_000 });
        var body = new string('x', length);
        Assert.Equal(status, (await service.Put(Target, body)).Status);
        var chunked = $"PUT {Target}2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n" + (length > 0 ? $"{length:x}\r\n{body}\r\n" : "") + "0\r\n\r\n";
        Assert.Equal(status, (await RawHttp.Send(service.Port, chunked)).Status);
        var stored = service.Node.Requests.Cast<PutRequest>().Select(static p => p.Value!.Body.Length);
        Assert.Equal(status == 204 ? [length, length] : [], stored);
    }

    [Fact]
    public async Task A_length_over_the_limit_is_refused_before_the_body_comes()
    {
        await using var service = await Service.Start();
        var answer = await RawHttp.Send(
            service.Port,
            $"PUT {Target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: a/b\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer.Wire);
        Assert.Equal("The value has more than 1048576 bytes, the limit.\n", answer.Body);
    }

    [Fact]
    public async Task Type_encoding_and_metadata_come_back_as_they_were()
    {
        await using var service = await Service.Start();
        await service.Ask(
            "PUT", Target, "{}", "Content-Type: application/json; charset=UTF-8", "Content-Encoding: gzip",
            "X-Riak-Meta-Owner: me", "x-riak-meta-Two: a", "X-Riak-Meta-two: b", "X-Riak-Meta-Name: Zo\u00c3\u00ab");
        var answer = await service.Ask("GET", Target);
        Assert.Equal("application/json; charset=UTF-8", answer.Header("Content-Type"));
        Assert.Equal("gzip", answer.Header("Content-Encoding"));
        Assert.Equal("me", answer.Header("X-Riak-Meta-Owner"));
        Assert.Equal("a, b", answer.Header("X-Riak-Meta-Two"));
        Assert.Equal("Zo\u00c3\u00ab", answer.Header("X-Riak-Meta-Name")); // UTF-8, seen here as Latin-1
        Assert.Equal("Zoë", service.Node.Stored("b", "k")!.Siblings[0].Value!.Metadata["Name"]);
    }

    [Theory]
    [InlineData("X-Riak-Meta-Big", 9000)]
    [InlineData("Content-Encoding", 300)]
    [InlineData("Content-Type", 300)]
    public async Task Headers_that_are_too_long_are_400(string name, int length)
    {
        await using var service = await Service.Start();
        List<string> headers = [$"{name}: {new string('x', length)}"];
        if (name != "Content-Type") headers.Add("Content-Type: a/b");
        Assert.Equal(400, (await service.Ask("PUT", Target, "v", [.. headers])).Status);
    }

    // Another client can store texts that would break out of a header.
    [Fact]
    public async Task Stored_texts_cannot_forge_headers()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", new Value
        {
            ContentType = "text/plain\r\nX-Forged: 1", ContentEncoding = "a\nX-Forged: 2",
            Metadata = Value.NoMetadata.Add("Bad name\r\nX-Forged: 3", "x").Add("Good", "y\r\nX-Forged: 4\0"),
        });
        service.Node.Seed("b", "k", Service.Text("other"));
        foreach (var accept in (string[])["*/*", "multipart/mixed"])
        {
            var answer = await service.Ask("GET", Target, "", $"Accept: {accept}");
            Assert.Equal(300, answer.Status);
            Assert.DoesNotContain("\nX-Forged", answer.Wire);
        }

        var single = await service.Ask("GET", $"{Target}?vtag={Vtag.Of(service.Node.Stored("b", "k")!.Siblings[0].Dot)}");
        Assert.Equal(200, single.Status);
        Assert.DoesNotContain("\nX-Forged", single.Wire);
    }

    [Fact]
    public async Task Contexts_go_round_by_every_answer()
    {
        await using var service = await Service.Start();
        var put = await service.Put(Target, "one");
        var again = await service.Put(Target, "two", $"X-Riak-Vclock: {put.Header("X-Riak-Vclock")}");
        Assert.Equal((204, "two"), (again.Status, (await service.Ask("GET", Target)).Body));

        var deleted = await service.Ask("DELETE", Target);
        var gone = await service.Ask("GET", Target);
        Assert.Equal((204, 404, "true"), (deleted.Status, gone.Status, gone.Header("X-Riak-Deleted")));
        await service.Put(Target, "three", $"X-Riak-Vclock: {gone.Header("X-Riak-Vclock")}");
        Assert.Single(service.Node.Stored("b", "k")!.Siblings);
    }

    [Theory]
    [InlineData("/buckets/b/keys", "/buckets/b/keys/")]
    [InlineData("/riak/a%2Fb", "/riak/a%2Fb/")]
    public async Task A_server_made_key_is_where_location_says(string target, string prefix)
    {
        await using var service = await Service.Start();
        var made = await service.Ask("POST", target, "v", "Content-Type: text/plain");
        Assert.Equal(201, made.Status);
        Assert.StartsWith(prefix, made.Header("Location"));
        Assert.Equal("v", (await service.Ask("GET", made.Header("Location")!)).Body);
    }

    [Theory]
    [InlineData(null, "If-Match: *", 412, 0)]
    [InlineData(null, "If-Match: \"x\"", 412, 0)]
    [InlineData(null, "If-None-Match: *", 204, 1)]
    [InlineData(null, "If-None-Match: \"x\"", 204, 1)]
    [InlineData(null, "If-Unmodified-Since: Thu, 01 Jan 2015 00:00:00 GMT", 204, 1)]
    [InlineData("v", "If-Match: *", 204, 1)]
    [InlineData("v", "If-Match: \"{etag}\"", 204, 1)]
    [InlineData("v", "If-Match: \"x\", \"{etag}\"", 204, 1)]
    [InlineData("v", "If-Match: {etag}", 204, 1)]
    [InlineData("v", "If-Match: W/\"{etag}\"", 412, 1)]
    [InlineData("v", "If-Match: \"x\"", 412, 1)]
    [InlineData("v", "If-None-Match: *", 412, 1)]
    [InlineData("v", "If-None-Match: \"{etag}\"", 412, 1)]
    [InlineData("v", "If-None-Match: \"x\"", 204, 2)]
    [InlineData("v", "If-Unmodified-Since: Thu, 01 Jan 2015 00:00:00 GMT", 412, 1)]
    [InlineData("v", "If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 204, 2)]
    [InlineData("v", "If-Unmodified-Since: not a date", 204, 2)]
    [InlineData("v", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 204, 2)]
    public async Task Conditions_of_a_put(string? before, string condition, int status, int siblings)
    {
        await using var service = await Service.Start();
        if (before is not null) service.Node.Seed("b", "k", Service.Text(before));
        var etag = before is null ? "" : Vtag.Of(service.Node.Stored("b", "k")!.Siblings);
        Assert.Equal(status, (await service.Put(Target, "new", condition.Replace("{etag}", etag))).Status);
        Assert.Equal(siblings, service.Node.Stored("b", "k")?.Siblings.Length ?? 0);
    }

    [Fact]
    public async Task A_condition_names_all_siblings_and_a_given_context_is_used_as_it_is()
    {
        await using var service = await Service.Start();
        var old = service.Node.Seed("b", "k", Service.Text("one"));
        service.Node.Seed("b", "k", Service.Text("two"));
        var siblings = service.Node.Stored("b", "k")!.Siblings;
        Assert.Equal(412, (await service.Put(Target, "x", $"If-Match: \"{Vtag.Of(siblings[0].Dot)}\"")).Status);
        var both = $"If-Match: \"{Vtag.Of(siblings)}\"";
        Assert.Equal(204, (await service.Put(Target, "three", both, $"X-Riak-Vclock: {Convert.ToBase64String(old)}")).Status);
        Assert.Equal(2, service.Node.Stored("b", "k")!.Siblings.Length);
    }

    [Fact]
    public async Task If_none_match_over_a_tombstone_replaces_it()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("one"));
        await service.Ask("DELETE", Target);
        Assert.Equal(204, (await service.Put(Target, "new", "If-None-Match: *")).Status);
        Assert.Single(service.Node.Stored("b", "k")!.Siblings);
    }

    [Fact]
    public async Task Conditions_hold_for_a_delete()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("one"));
        var etag = Vtag.Of(service.Node.Stored("b", "k")!.Siblings);
        Assert.Equal(412, (await service.Ask("DELETE", Target, "", "If-Match: \"x\"")).Status);
        Assert.Equal(204, (await service.Ask("DELETE", Target, "", $"If-Match: \"{etag}\"")).Status);
        Assert.Equal(404, (await service.Ask("GET", Target)).Status);
    }

    [Fact]
    public async Task A_condition_that_cannot_be_read_stops_the_write()
    {
        await using var service = await Service.Start();
        service.Node.Instead = static r => r is GetRequest ? Task.FromResult<Outcome>(new Unavailable(QuorumKind.R, 2, 1)) : null;
        var answer = await service.Put(Target, "v", "If-Match: *");
        Assert.Equal((503, "R-value unsatisfied: 1/2.\n"), (answer.Status, answer.Body));
        Assert.IsType<GetRequest>(Assert.Single(service.Node.Requests));
    }

    [Theory]
    [InlineData("X-Riak-Vclock: !!", "not base64")]
    [InlineData("X-Riak-Vclock: cnViYmlzaA==", "context")]
    [InlineData("X-Riak-Vclock: AcHbStnFh97TBW5vZGUxAQAFbm9kZTH//wAAAAAAAQEA", "context")]
    [InlineData("X-Riak-If-Not-Modified: x", "If-Match")]
    public async Task Contexts_that_are_none_are_400(string header, string says)
    {
        await using var service = await Service.Start();
        foreach (var answer in new[] { await service.Put(Target, "v", header), await service.Ask("DELETE", Target, "", header) })
        {
            Assert.Equal(400, answer.Status);
            Assert.Contains(says, answer.Body);
        }

        Assert.Null(service.Node.Stored("b", "k"));
    }
}
