using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynamo.Cli.Http;

/// <summary>Asks one node over HTTP, in Riak's dialect and the admin endpoints.</summary>
/// <remarks>Whatever a node refuses ends in a <see cref="CommandFailure"/> with the node's own sentence.</remarks>
internal sealed class NodeClient : IDisposable
{
    private static readonly JsonSerializerOptions JsonStyle = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly string _root;
    private readonly HttpClient _http;

    /// <param name="url">The node's address.</param>
    /// <param name="access">What it asks for, and how it is known; null for nothing.</param>
    /// <param name="limit">How long an answer may take; a minute by default, above any request's own time-out.</param>
    public NodeClient(Uri url, NodeAccess? access = null, TimeSpan? limit = null)
    {
        _root = url.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = false,
            SslOptions = (access ?? new NodeAccess()).Tls(),
            AllowAutoRedirect = false,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        };
        _http = new HttpClient(handler) { Timeout = limit ?? TimeSpan.FromMinutes(1) };
        if (access?.Token is { } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Whether the node serves requests.</summary>
    public async Task<bool> Ping(CancellationToken cancel)
    {
        try
        {
            using var answer = await Send(HttpMethod.Get, "/ping", cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (CommandFailure)
        {
            return false;
        }
    }

    /// <summary>Reads a key; one that is not found is an answer without values.</summary>
    public async Task<KeyAnswer> Get(string bucket, string key, string query, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, KeyPath(bucket, key) + query);
        using var answer = await Send(request, cancel);
        return await ReadKey(answer, cancel);
    }

    /// <summary>Stores a value; values come back when the query asks for the body.</summary>
    public async Task<KeyAnswer> Put(
        string bucket, string key, string query, string? context, StoredValue value, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Put, KeyPath(bucket, key) + query, context);
        request.Content = new ByteArrayContent(value.Bytes);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", value.ContentType);
        foreach (var (name, text) in value.Metadata)
            if (!request.Headers.TryAddWithoutValidation("X-Riak-Meta-" + name, text))
                throw new CommandFailure(ExitCode.Usage, $"'{name}' cannot be the name of metadata.");
        using var answer = await Send(request, cancel);
        return await ReadKey(answer, cancel);
    }

    /// <summary>Deletes a key; false when there was nothing to delete.</summary>
    public async Task<bool> Delete(string bucket, string key, string query, string? context, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Delete, KeyPath(bucket, key) + query, context);
        using var answer = await Send(request, cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound) return false;
        await Check(answer, cancel);
        return true;
    }

    /// <summary>Reads a counter; null when there is none.</summary>
    public async Task<Int128?> Counter(string bucket, string key, string query, CancellationToken cancel)
    {
        using var answer = await Send(HttpMethod.Get, CounterPath(bucket, key) + query, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await ReadNumber(answer, cancel);
    }

    /// <summary>Adds to a counter and gives what it comes to.</summary>
    public async Task<Int128?> AddToCounter(string bucket, string key, long delta, string query, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Post, CounterPath(bucket, key) + query);
        request.Content = new StringContent(delta.ToString(CultureInfo.InvariantCulture));
        using var answer = await Send(request, cancel);
        return await ReadNumber(answer, cancel);
    }

    /// <summary>Reads a JSON document.</summary>
    public Task<JsonNode> Json(string path, CancellationToken cancel) => Json(HttpMethod.Get, path, null, cancel);

    /// <summary>Reads a JSON document of a known shape.</summary>
    public Task<T> Json<T>(string path, CancellationToken cancel) => Json<T>(HttpMethod.Get, path, cancel);

    /// <summary>Sends a JSON document, or nothing, and reads the JSON document that answers.</summary>
    public async Task<JsonNode> Json(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = Request(method, path);
        if (body is not null) request.Content = Content(body);
        using var answer = await Send(request, cancel);
        await Check(answer, cancel);
        try
        {
            await using var document = await answer.Content.ReadAsStreamAsync(cancel);
            return await JsonNode.ParseAsync(document, cancellationToken: cancel) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new CommandFailure(ExitCode.Failure, $"What {_root}{path} answered is not JSON: {e.Message}");
        }
    }

    /// <summary>Asks for something without a body; the answer is a JSON document of a known shape.</summary>
    public async Task<T> Json<T>(HttpMethod method, string path, CancellationToken cancel)
    {
        return Shape<T>(await Json(method, path, null, cancel), path);
    }

    /// <summary>A JSON document as a known shape; the path is for the sentence when it has another.</summary>
    public T Shape<T>(JsonNode document, string path)
    {
        try
        {
            return document.Deserialize<T>(JsonStyle)!;
        }
        catch (JsonException e)
        {
            throw new CommandFailure(
                ExitCode.Failure, $"{_root}{path} answered in another shape than expected: {e.Message}");
        }
    }

    /// <summary>Sends a JSON document, or nothing, and expects no answer but success.</summary>
    public async Task Send(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = Request(method, path);
        if (body is not null) request.Content = Content(body);
        using var answer = await Send(request, cancel);
        await Check(answer, cancel);
    }

    /// <summary>Reads a list that the node streams as one JSON document after the other.</summary>
    public async IAsyncEnumerable<ListPage> Stream(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await Send(HttpMethod.Get, path, cancel);
        await Check(answer, cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        var pages = JsonSerializer.DeserializeAsyncEnumerable<ListPage>(body, topLevelValues: true, JsonStyle, cancel);
        await foreach (var page in pages)
        {
            if (page is null) continue;
            if (page.Error is not null)
                throw new CommandFailure(ExitCode.Unavailable, $"The list is incomplete: {page.Error}");
            yield return page;
        }
    }

    /// <summary>The path of a bucket.</summary>
    public static string BucketPath(string bucket) => "/buckets/" + Uri.EscapeDataString(bucket);

    public void Dispose() => _http.Dispose();

    private static StringContent Content(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static string KeyPath(string bucket, string key) =>
        $"{BucketPath(bucket)}/keys/{Uri.EscapeDataString(key)}";

    private static string CounterPath(string bucket, string key) =>
        $"{BucketPath(bucket)}/counters/{Uri.EscapeDataString(key)}";

    private static async Task<Int128?> ReadNumber(HttpResponseMessage answer, CancellationToken cancel)
    {
        await Check(answer, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return Int128.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CommandFailure(ExitCode.Failure, $"The node answered with something that is no number: {text}");
    }

    private static async Task<KeyAnswer> ReadKey(HttpResponseMessage answer, CancellationToken cancel)
    {
        var context = Header(answer, "X-Riak-Vclock");
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return new KeyAnswer(context, [], Header(answer, "X-Riak-Deleted") is not null);
        if (answer.StatusCode == HttpStatusCode.MultipleChoices)
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            var siblings = await Siblings.Read(Header(answer, "Content-Type") ?? "", body, cancel);
            return new KeyAnswer(context, siblings, false);
        }

        await Check(answer, cancel);
        if (answer.StatusCode == HttpStatusCode.NoContent) return new KeyAnswer(context, [], false);
        var headers = answer.Headers.NonValidated.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString()));
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
        var value = Siblings.Make(name => Header(answer, name), headers, bytes);
        return new KeyAnswer(context, [value], false);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? context = null)
    {
        // The path is sent as it was escaped: the keys "." and ".." would otherwise be taken for folders.
        var exact = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(method, new Uri(_root + path, exact));
        // Only siblings come as multipart/mixed; a single value comes as it was stored, whatever it is.
        request.Headers.TryAddWithoutValidation("Accept", "multipart/mixed, */*;q=0.5");
        if (context is not null) request.Headers.TryAddWithoutValidation("X-Riak-Vclock", context);
        return request;
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, CancellationToken cancel)
    {
        using var request = Request(method, path);
        return await Send(request, cancel);
    }

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e)
        {
            if (e.InnerException is AuthenticationException)
                throw new CommandFailure(
                    ExitCode.Unreachable,
                    $"The node at {_root} is not trusted: {e.InnerException.Message.TrimEnd('.')}. --ca-file FILE names who signed its certificate.");
            var why = e.InnerException?.Message ?? e.Message;
            throw new CommandFailure(
                ExitCode.Unreachable,
                $"No node answers at {_root} ({why}). 'dynamo up' starts a cluster; --url names another node.");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandFailure(
                ExitCode.Unreachable,
                $"The node at {_root} did not answer within {_http.Timeout.TotalSeconds:0} seconds.");
        }
    }

    private static async Task Check(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode) return;
        var body = (await answer.Content.ReadAsStringAsync(cancel)).Trim();
        var sentence = body.Length > 0 ? body : $"The node answered {(int)answer.StatusCode} without a sentence.";
        var code = answer.StatusCode == HttpStatusCode.ServiceUnavailable ? ExitCode.Unavailable : ExitCode.Failure;
        throw new CommandFailure(code, sentence);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values)
        || answer.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;
}
