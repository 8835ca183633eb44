using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynamo.Cli.Tests;

/// <summary>A request as a node saw it.</summary>
internal sealed record SeenRequest(string Method, string Target, IHeaderDictionary Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>An HTTP server that answers as it is told and remembers what it was asked.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, Func<HttpResponse, Task>> _answers = [];

    private FakeNode(WebApplication app) => _app = app;

    /// <summary>Every request, in order.</summary>
    public List<SeenRequest> Requests { get; } = [];

    /// <summary>Where it listens.</summary>
    public string Url { get; private set; } = "";

    public static async Task<FakeNode> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var node = new FakeNode(builder.Build());
        node._app.Run(node.Serve);
        await node._app.StartAsync();
        node.Url = node._app.Urls.Single();
        return node;
    }

    /// <summary>Answers a method and a target, path and query as they are sent.</summary>
    public FakeNode On(
        string methodAndTarget, int status, string body = "", params (string Name, string Value)[] headers)
    {
        _answers[methodAndTarget] = async response =>
        {
            response.StatusCode = status;
            foreach (var (name, value) in headers) response.Headers[name] = value;
            if (body.Length > 0) await response.Body.WriteAsync(Encoding.Latin1.GetBytes(body));
        };
        return this;
    }

    /// <summary>Answers a method and a target with one body after the other; the last one stays.</summary>
    public FakeNode OnEach(string methodAndTarget, params string[] bodies)
    {
        var next = 0;
        _answers[methodAndTarget] = async response =>
        {
            response.StatusCode = 200;
            var body = bodies[Math.Min(Interlocked.Increment(ref next), bodies.Length) - 1];
            await response.Body.WriteAsync(Encoding.Latin1.GetBytes(body));
        };
        return this;
    }

    /// <summary>Runs the tool against this node.</summary>
    public Task<ToolRun> Run(params string[] args) => ToolRun.Of([.. args, "--url", Url]);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Serve(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        // The server uses its own collection for the next request again.
        var headers = new HeaderDictionary(http.Request.Headers.ToDictionary(h => h.Key, h => h.Value));
        Requests.Add(new SeenRequest(http.Request.Method, target, headers, body.ToArray()));
        if (_answers.TryGetValue($"{http.Request.Method} {target}", out var answer)) await answer(http.Response);
        else http.Response.StatusCode = 404;
    }
}

/// <summary>What one run of the tool printed, and its exit code.</summary>
internal sealed record ToolRun(int ExitCode, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public static async Task<ToolRun> Of(params string[] args)
    {
        using var output = new MemoryStream();
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.Run(args, new Terminal(output, error, interactive: false));
        return new ToolRun(code, output.ToArray(), error.ToString());
    }
}
