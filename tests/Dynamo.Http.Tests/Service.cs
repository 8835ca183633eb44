using System.Text;
using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>A server over a fake node, for one test.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly DynamoHttp _http;

    private Service(FakeNode node, DynamoHttp http)
    {
        Node = node;
        _http = http;
    }

    public FakeNode Node { get; }

    public int Port => _http.Port;

    public static async Task<Service> Start(HttpOptions? options = null)
    {
        var node = new FakeNode();
        return new Service(node, await DynamoHttp.StartAsync(node, options ?? new HttpOptions()));
    }

    public Task<RawAnswer> Ask(string method, string target, string body = "", params string[] headers) =>
        RawHttp.Ask(Port, method, target, body, headers);

    public Task<RawAnswer> Put(string target, string body, params string[] headers) =>
        RawHttp.Ask(Port, "PUT", target, body, ["Content-Type: text/plain", .. headers]);

    public async Task<JsonElement> Json(string target)
    {
        var answer = await Ask("GET", target);
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.Clone();
    }

    public Task Drain(CancellationToken limit) => _http.Drain(limit);

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    public static Value Text(string text) => new() { ContentType = "text/plain", Body = Encoding.UTF8.GetBytes(text) };
}
