using Dynamo.Core;
using Microsoft.Extensions.Logging;

namespace Dynamo.Http.Tests;

/// <summary>Starting, stopping, limits, the token, and faults: what surrounds every request.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task A_port_in_use_is_one_sentence_that_names_it()
    {
        await using var first = await Service.Start();
        var fault = await Assert.ThrowsAsync<HttpStartException>(() => Service.Start(new HttpOptions { Port = first.Port }));
        Assert.Equal($"Port {first.Port} on 127.0.0.1 is in use by another process.", fault.Message);
    }

    [Fact]
    public async Task A_port_is_free_again_once_the_server_is_disposed()
    {
        var first = await Service.Start();
        await first.DisposeAsync();
        await first.DisposeAsync();
        await using var second = await Service.Start(new HttpOptions { Port = first.Port });
        Assert.Equal(200, (await second.Ask("GET", "/ping")).Status);
    }

    [Theory]
    [InlineData("203.0.113.7", "is not an address of this machine")]
    [InlineData("no.such.host.invalid", "has no address")]
    public async Task A_host_that_cannot_be_had_is_one_sentence(string host, string says)
    {
        var fault = await Assert.ThrowsAsync<HttpStartException>(() => Service.Start(new HttpOptions { Host = host }));
        Assert.Contains(says, fault.Message);
        Assert.Contains("port 0", fault.Message);
    }

    [Fact]
    public async Task All_wrong_options_are_named_at_once()
    {
        var options = new HttpOptions { Host = " ", Port = 70_000, MaxValueBytes = 0, MaxConcurrentRequests = 0, BearerToken = "" };
        var fault = await Assert.ThrowsAsync<HttpStartException>(() => Service.Start(options));
        foreach (var word in (string[])["host", "port", "largest value", "concurrent", "token"]) Assert.Contains(word, fault.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", null, null, "")]
    [InlineData("::1", null, null, "")]
    [InlineData("[::1]", null, null, "")]
    [InlineData("localhost", null, null, "")]
    [InlineData("0.0.0.0", null, null, "without a bearer token and without TLS")]
    [InlineData("db.example.org", null, null, "without a bearer token and without TLS")]
    [InlineData("0.0.0.0", "secret", null, "without TLS")]
    [InlineData("*", null, "node.pfx", "without a bearer token:")]
    [InlineData("0.0.0.0", "secret", "node.pfx", "")]
    public void Listening_outside_without_both_a_token_and_TLS_is_warned_of(string host, string? token, string? certificate, string says)
    {
        var warning = new HttpOptions { Host = host, BearerToken = token, Certificate = certificate }.Warning;
        Assert.Equal(says.Length > 0, warning.Length > 0);
        Assert.Contains(says, warning);
        Assert.DoesNotContain("secret", warning);
    }

    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:")]
    [InlineData("localhost", "http://127.0.0.1:")]
    [InlineData("0.0.0.0", "http://127.0.0.1:")]
    [InlineData("*", "http://127.0.0.1:")]
    public async Task The_url_is_one_that_works(string host, string prefix)
    {
        await using var http = await DynamoHttp.StartAsync(new FakeNode(), new HttpOptions { Host = host });
        Assert.StartsWith(prefix, http.Url);
        using var client = new HttpClient();
        Assert.Equal("OK", await client.GetStringAsync(http.Url + "/ping"));
    }

    [Fact]
    public async Task The_environment_does_not_say_where_to_listen()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("Kestrel__Endpoints__Http__Url", "http://127.0.0.1:1");
        try
        {
            await using var service = await Service.Start();
            Assert.NotEqual(1, service.Port);
            Assert.Equal(200, (await service.Ask("GET", "/ping")).Status);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
            Environment.SetEnvironmentVariable("Kestrel__Endpoints__Http__Url", null);
        }
    }

    [Theory]
    [InlineData("/stats", null, 401)]
    [InlineData("/buckets/b/keys/k", null, 401)]
    [InlineData("/nothing/here", null, 401)]
    [InlineData("/stats", "Bearer wrong", 401)]
    [InlineData("/stats", "Bearer secre", 401)]
    [InlineData("/stats", "Bearer secrets", 401)]
    [InlineData("/stats", "Basic secret", 401)]
    [InlineData("/stats", "Bearer", 401)]
    [InlineData("/stats", "Bearer secret", 200)]
    [InlineData("/stats", "bearer secret", 200)]
    [InlineData("/ping", null, 200)]
    public async Task A_token_is_asked_of_everything_but_ping(string target, string? authorization, int status)
    {
        await using var service = await Service.Start(new HttpOptions { BearerToken = "secret" });
        string[] headers = authorization is null ? [] : [$"Authorization: {authorization}"];
        var answer = await service.Ask("GET", target, "", headers);
        Assert.Equal(status, answer.Status);
        if (status == 401) Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Without_the_token_no_path_and_no_method_tells_or_does_anything()
    {
        await using var service = await Service.Start(new HttpOptions { BearerToken = "secret" });
        string[] paths =
        [
            "/stats", "/metrics", "/buckets?buckets=true", "/riak?buckets=true", "/buckets/b/keys?keys=true", "/buckets/b/keys/", "/buckets/b/keys/k",
            "/buckets/b/counters/k", "/buckets/b/props", "/riak/b", "/riak/b/k", "/admin/cluster", "/admin/cluster/join", "/admin/cluster/leave",
            "/admin/cluster/remove", "/admin/cluster/replace", "/admin/cluster/weight", "/admin/cluster/clear", "/admin/cluster/plan", "/admin/cluster/commit",
            "/admin/ring", "/admin/node", "/admin/repair", "/admin/preflist/b/k", "/admin/local/b/k", "/ping/", "//ping", "/ping/..", "/PING", "/%70ing", "/nothing",
            "/admin/inspect/b/k", "/admin/backup", "/health", "/health/ready/", "/console", "/console/../stats",
        ];
        foreach (var path in paths)
            foreach (var method in (string[])["GET", "PUT", "POST", "DELETE"])
            {
                var answer = await service.Ask(method, path, method == "GET" ? "" : "{}", "Content-Type: application/json");
                Assert.True(answer.Status == 401, $"{method} {path}: {answer.Status}");
                Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
                Assert.Equal("This node asks for a bearer token in the Authorization header.\n", answer.Body);
            }
    }

    [Fact]
    public async Task Requests_over_the_limit_are_shed_and_ping_passes()
    {
        await using var service = await Service.Start(new HttpOptions { MaxConcurrentRequests = 2 });
        var arrived = new SemaphoreSlim(0);
        var release = new TaskCompletionSource<Outcome>();
        service.Node.Instead = _ =>
        {
            arrived.Release();
            return release.Task;
        };
        var first = service.Ask("GET", "/buckets/b/keys/k");
        var second = service.Ask("GET", "/buckets/b/keys/k");
        Assert.True(await arrived.WaitAsync(RawHttp.Patience) && await arrived.WaitAsync(RawHttp.Patience));

        var third = await service.Ask("GET", "/buckets/b/keys/k");
        Assert.Equal((503, "The node is serving 2 requests, its limit.\n"), (third.Status, third.Body));
        Assert.Equal(200, (await service.Ask("GET", "/ping")).Status);

        release.SetResult(NotFound.Nothing);
        Assert.Equal((404, 404), ((await first).Status, (await second).Status));
        service.Node.Instead = null;
        Assert.Equal(404, (await service.Ask("GET", "/buckets/b/keys/k")).Status);
    }

    [Theory]
    [InlineData("GET", "/buckets/b/keys/k")]
    [InlineData("PUT", "/buckets/b/keys/k")]
    [InlineData("DELETE", "/riak/b/k")]
    [InlineData("POST", "/buckets/b/counters/k")]
    public async Task An_overloaded_node_refuses_before_it_reads_a_body_and_can_still_be_administered(string method, string target)
    {
        await using var service = await Service.Start(new HttpOptions());
        service.Node.Busy = new Overloaded("Too much.");
        // A body is announced and never sent: whoever waited for it would not answer.
        var answer = await service.Ask(method, target, "", method == "DELETE" ? ["Content-Length: 100000"] : []);
        Assert.Equal((503, "Too much.\n", "1"), (answer.Status, answer.Body, answer.Header("Retry-After")));
        Assert.Empty(service.Node.Requests);
        foreach (var path in (string[])["/ping", "/stats", "/metrics", "/admin/node", "/buckets/b/props"])
            Assert.Equal(200, (await service.Ask("GET", path)).Status);

        service.Node.Busy = null;
        service.Node.Instead = static _ => Task.FromResult<Outcome>(new Overloaded("Too much by now."));
        answer = await service.Ask("GET", "/buckets/b/keys/k");
        Assert.Equal((503, "Too much by now.\n", "1"), (answer.Status, answer.Body, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task A_fault_of_the_node_is_500_with_a_sentence_and_is_logged()
    {
        var log = new ListLog();
        await using var service = await Service.Start(new HttpOptions { Log = log });
        service.Node.Instead = static _ => throw new InvalidOperationException("planted");
        var answer = await service.Ask("GET", "/buckets/b/keys/k");
        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("planted", answer.Body);
        Assert.Contains("planted", Assert.Single(log.Faults).Message);

        service.Node.StatusFault = static () => new IOException("planted too");
        foreach (var target in (string[])["/stats", "/metrics", "/admin/node", "/admin/cluster"])
            Assert.Equal(500, (await service.Ask("GET", target)).Status);
        service.Node.Instead = null;
        Assert.Equal(404, (await service.Ask("GET", "/buckets/b/keys/k")).Status);
    }

    [Fact]
    public async Task Requests_under_way_end_before_the_server_stops()
    {
        var service = await Service.Start();
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource<Outcome>();
        service.Node.Instead = _ =>
        {
            arrived.SetResult();
            return release.Task;
        };
        var asked = service.Ask("GET", "/buckets/b/keys/k");
        await arrived.Task.WaitAsync(RawHttp.Patience);
        var stopping = service.DisposeAsync();
        release.SetResult(NotFound.Nothing);
        Assert.Equal(404, (await asked).Status);
        await stopping;
    }

    [Theory]
    [InlineData("GET", "/nosuch/path", 404)]
    [InlineData("GET", "/buckets/b", 404)]
    [InlineData("GET", "/buckets/b/keys/k/more", 404)]
    [InlineData("GET", "/types/kv/buckets/b/keys/k", 404)]
    [InlineData("GET", "/Ping", 404)]
    [InlineData("GET", "//ping", 404)]
    [InlineData("OPTIONS", "*", 404)]
    [InlineData("POST", "/stats", 405)]
    [InlineData("DELETE", "/buckets/b/keys", 405)]
    [InlineData("TRACE", "/admin/ring", 405)]
    [InlineData("POST", "/buckets/b/props", 405)]
    [InlineData("GET", "http://localhost/ping", 200)]
    [InlineData("GET", "/ping?anything=%zz&&&=", 200)]
    public async Task Paths_and_methods_that_lead_nowhere_say_so(string method, string target, int status)
    {
        await using var service = await Service.Start();
        var answer = await service.Ask(method, target);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 405, answer.Header("Allow") is not null);
    }

    private sealed class ListLog : ILogger
    {
        public List<Exception> Faults { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null) Faults.Add(exception);
        }
    }
}
