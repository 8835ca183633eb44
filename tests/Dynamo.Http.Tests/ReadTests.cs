using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>GET and HEAD beyond what the captures show: query parameters, outcomes, conditions, negotiation.</summary>
public sealed class ReadTests
{
    private const string Target = "/buckets/b/keys/k";

    [Theory]
    [InlineData("r=abc", "r query parameter must be an integer")]
    [InlineData("r=-1", "r query parameter")]
    [InlineData("r=256", "r query parameter")]
    [InlineData("r=", "r query parameter")]
    [InlineData("r=%zz", "r query parameter")]
    [InlineData("r=0", "r is 0; it must be 1 to 3")]
    [InlineData("r=4", "r is 4; it must be 1 to 3")]
    [InlineData("w=9", "w is 9")]
    [InlineData("pr=4", "pr is 4; it must be 0 to 3")]
    [InlineData("pw=4", "pw is 4")]
    [InlineData("dw=4", "dw is 4")]
    [InlineData("rw=0", "rw is 0")]
    [InlineData("timeout=-1", "Bad timeout value \"-1\"")]
    [InlineData("timeout=1.5", "Bad timeout value \"1.5\"")]
    [InlineData("timeout=3600001", "at most 3600000")]
    [InlineData("timeout=99999999999999999999", "Bad timeout value")]
    [InlineData("returnbody=yes", "returnbody query parameter must be true or false")]
    [InlineData("notfound_ok=1", "notfound_ok query parameter")]
    [InlineData("basic_quorum=TRUE", "basic_quorum query parameter")]
    public async Task Bad_parameters_are_400_with_a_sentence_for_reads_and_writes(string query, string says)
    {
        await using var service = await Service.Start();
        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            var answer = await service.Ask(method, $"{Target}?{query}", "", "Content-Type: text/plain");
            Assert.Equal((method, 400), (method, answer.Status));
            Assert.Contains(says, answer.Body);
        }

        Assert.Empty(service.Node.Requests);
    }

    [Fact]
    public async Task Parameters_reach_the_node()
    {
        await using var service = await Service.Start();
        await service.Ask("GET", $"{Target}?r=1&pr=quorum&notfound_ok=false&basic_quorum=true&timeout=1500&unknown=1");
        await service.Put($"{Target}?w=all&dw=one&pw=0&timeout=0&returnbody=true&w=1", "v");
        await service.Ask("DELETE", $"{Target}?rw=2&pw=default");
        var get = (GetRequest)service.Node.Requests[0];
        Assert.Equal(
            new GetOptions
            {
                R = QuorumSize.One, PR = QuorumSize.Quorum, NotFoundOk = false, BasicQuorum = true,
                Timeout = TimeSpan.FromSeconds(1.5),
            },
            get.Options);
        var put = (PutRequest)service.Node.Requests[1];
        Assert.Equal(
            new PutOptions { W = QuorumSize.All, DW = QuorumSize.One, PW = QuorumSize.Zero, ReturnBody = true }, put.Options);
        var delete = (DeleteRequest)service.Node.Requests[2];
        Assert.Equal(new PutOptions { W = QuorumSize.Of(2) }, delete.Options);
        Assert.Equal(new GetOptions { R = QuorumSize.Of(2) }, delete.ReadOptions);
    }

    [Fact]
    public async Task Ranges_follow_the_buckets_n_val()
    {
        await using var service = await Service.Start();
        await service.Node.SetProperties("b", BucketProperties.Standard with { NVal = 5 });
        Assert.Equal(404, (await service.Ask("GET", $"{Target}?r=5")).Status);
        Assert.Equal(400, (await service.Ask("GET", $"{Target}?r=6")).Status);
    }

    public static TheoryData<Outcome, int, string> Failures() => new()
    {
        { new Unavailable(QuorumKind.R, 2, 1), 503, "R-value unsatisfied: 1/2." },
        { new Unavailable(QuorumKind.PR, 3, 0), 503, "PR-value unsatisfied: 0/3." },
        { new Unavailable(QuorumKind.W, 2, 1, true), 503, "W-value unsatisfied: 1/2; the write may still take effect." },
        { new TimedOut(QuorumKind.DW, 2, 1, true), 503, "request timed out: DW-value unsatisfied: 1/2; the write may still take effect." },
        { new Overloaded("Too much."), 503, "Too much." },
        { new NotReady("Starting."), 503, "Starting." },
        { new TooLarge("Too large."), 413, "Too large." },
        { new BadContext("Bad context."), 400, "Bad context." },
        { new BadRequest("Bad request."), 400, "Bad request." },
        { new Listing(null, [], true), 500, "The node answered with Listing, which nobody asked for." },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Outcomes_have_their_status_and_one_sentence(Outcome outcome, int status, string sentence)
    {
        await using var service = await Service.Start();
        service.Node.Instead = _ => Task.FromResult(outcome);
        foreach (var method in (string[])["GET", "PUT", "POST", "DELETE"])
        {
            var answer = await service.Ask(method, Target, "", "Content-Type: a/b");
            Assert.Equal((status, sentence + "\n", "text/plain"), (answer.Status, answer.Body, answer.Header("Content-Type")));
        }

        var head = await service.Ask("HEAD", Target);
        Assert.Equal((status, ""), (head.Status, head.Body));
    }

    [Theory]
    [InlineData("If-None-Match: \"{etag}\"", 304)]
    [InlineData("If-None-Match: W/\"{etag}\"", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"x\", \"{etag}\"", 304)]
    [InlineData("If-None-Match: \"x\"", 300)]
    [InlineData("If-Match: \"{etag}\"", 300)]
    [InlineData("If-Match: \"{one}\"", 412)]
    [InlineData("If-Modified-Since: Fri, 20 Nov 2026 07:40:11 GMT", 304)]
    [InlineData("If-Modified-Since: Fri, 20 Nov 2026 07:40:10 GMT", 300)]
    [InlineData("If-Modified-Since: rubbish", 300)]
    [InlineData("If-Unmodified-Since: Fri, 20 Nov 2026 07:40:11 GMT", 300)]
    [InlineData("If-Unmodified-Since: Fri, 20 Nov 2026 07:40:10 GMT", 412)]
    public async Task Conditions_of_a_get_see_all_siblings_as_one_state(string condition, int status)
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("one"));
        service.Node.Seed("b", "k", Service.Text("two"));
        var siblings = service.Node.Stored("b", "k")!.Siblings;
        condition = condition.Replace("{etag}", Vtag.Of(siblings)).Replace("{one}", Vtag.Of(siblings[0].Dot));
        var answer = await service.Ask("GET", Target, "", condition);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status, (await service.Ask("HEAD", Target, "", condition)).Status);
        if (status is 300 or 304) Assert.Equal($"\"{Vtag.Of(siblings)}\"", answer.Header("ETag"));
    }

    [Theory]
    [InlineData("text/plain", "*/*", 200)]
    [InlineData("text/plain", "text/*", 200)]
    [InlineData("text/plain", "TEXT/PLAIN", 200)]
    [InlineData("text/plain; charset=x", "text/plain", 200)]
    [InlineData("text/plain", "image/png, */*;q=0.1", 200)]
    [InlineData("text/plain", "image/png", 406)]
    [InlineData("text/plain", "text/plain;q=0, */*", 406)]
    [InlineData("rubbish", "text/plain", 406)]
    [InlineData("rubbish", "*/*", 200)]
    [InlineData("text/plain", "not an accept header at all", 200)]
    public async Task Accept_decides_whether_a_value_is_shown(string stored, string accept, int status)
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", new Value { ContentType = stored });
        Assert.Equal(status, (await service.Ask("GET", Target, "", $"Accept: {accept}")).Status);
    }

    [Theory]
    [InlineData("*/*", "text/plain")]
    [InlineData("multipart/mixed, */*;q=0.5", "multipart/mixed")]
    [InlineData("text/plain;q=0.1, multipart/*;q=0.2", "multipart/mixed")]
    public async Task Accept_decides_how_siblings_are_shown(string accept, string type)
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("one"));
        service.Node.Seed("b", "k", Service.Text("two"));
        var get = await service.Ask("GET", Target, "", $"Accept: {accept}");
        Assert.StartsWith(type, get.Header("Content-Type"));
        var head = await service.Ask("HEAD", Target, "", $"Accept: {accept}");
        Assert.Equal((300, get.Header("Content-Length"), ""), (head.Status, head.Header("Content-Length"), head.Body));
    }

    [Fact]
    public async Task Multipart_parts_are_byte_exact()
    {
        await using var service = await Service.Start();
        var nasty = "\r\n--boundary--\r\n\0\u00ff";
        service.Node.Seed("b", "k", new Value { ContentType = "a/b", Body = System.Text.Encoding.Latin1.GetBytes(nasty) });
        service.Node.Seed("b", "k", new Value { ContentType = "a/c", ContentEncoding = "gzip" });
        var answer = await service.Ask("GET", Target, "", "Accept: multipart/mixed");
        var boundary = answer.Header("Content-Type")![^27..];
        var (first, second) = (service.Node.Stored("b", "k")!.Siblings[0], service.Node.Stored("b", "k")!.Siblings[1]);
        Assert.Equal(
            $"\r\n--{boundary}\r\nContent-Type: a/b\r\nLink: </buckets/b>; rel=\"up\"\r\nEtag: {Vtag.Of(first.Dot)}\r\n"
            + $"Last-Modified: Fri, 20 Nov 2026 07:40:10 GMT\r\n\r\n{nasty}"
            + $"\r\n--{boundary}\r\nContent-Type: a/c\r\nLink: </buckets/b>; rel=\"up\"\r\nEtag: {Vtag.Of(second.Dot)}\r\n"
            + $"Last-Modified: Fri, 20 Nov 2026 07:40:11 GMT\r\nContent-Encoding: gzip\r\n\r\n"
            + $"\r\n--{boundary}--\r\n",
            answer.Body);
    }

    [Fact]
    public async Task A_page_stored_as_a_value_does_not_run_in_a_browser()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", new Value { ContentType = "text/html", Body = "<script>"u8.ToArray() });
        Assert.Equal("sandbox", (await service.Ask("GET", Target, "", "Accept: text/html,*/*;q=0.8")).Header("Content-Security-Policy"));
        Assert.Null((await service.Ask("GET", Target)).Header("Content-Security-Policy"));
    }

    [Fact]
    public void Vtags_are_pinned_because_every_node_of_every_version_must_agree()
    {
        var dot = new Dot(new ReplicaId(new NodeId("node1"), 0xDEADBEEF), 42);
        Assert.Equal(PinnedVtag, Vtag.Of(dot));
        Assert.NotEqual(PinnedVtag, Vtag.Of(dot with { Counter = 43 }));
        Assert.NotEqual(PinnedVtag, Vtag.Of(dot with { Replica = new ReplicaId(new NodeId("node2"), 0xDEADBEEF) }));
    }

    private const string PinnedVtag = "4bxXxl02LSfjc7WlW7jsmd";
}
