using System.Globalization;
using System.Net;
using System.Text;

namespace Dynamo.Testing.Load;

/// <summary>A node, asked over HTTP in Riak's dialect.</summary>
/// <param name="http">The connection; its time limit is the client's patience.</param>
/// <param name="url">The node's URL, without a slash at its end.</param>
/// <param name="node">Its number, from 0.</param>
/// <param name="query">Parameters of every request, such as <c>?r=1</c>; empty for none.</param>
public sealed class HttpTarget(HttpClient http, string url, int? node, string query = "") : ILoadTarget
{
    /// <inheritdoc/>
    public int? Node => node;

    /// <inheritdoc/>
    public Task<LoadAnswer> Get(string key) => Send(HttpMethod.Get, key, default);

    /// <inheritdoc/>
    public Task<LoadAnswer> Put(string key, long value, ReadOnlyMemory<byte> context) =>
        Send(HttpMethod.Put, key, context, new StringContent(value.ToString(CultureInfo.InvariantCulture), Encoding.ASCII, "text/plain"));

    /// <inheritdoc/>
    public Task<LoadAnswer> Delete(string key, ReadOnlyMemory<byte> context) => Send(HttpMethod.Delete, key, context);

    private async Task<LoadAnswer> Send(HttpMethod method, string key, ReadOnlyMemory<byte> context, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, $"{url}/buckets/{LoadBook.Bucket}/keys/{key}{query}") { Content = content };
        if (method == HttpMethod.Get) request.Headers.Accept.ParseAdd("multipart/mixed, */*;q=0.5");
        if (!context.IsEmpty) request.Headers.Add("X-Riak-Vclock", Convert.ToBase64String(context.Span));
        try
        {
            using var response = await http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var token = response.Headers.TryGetValues("X-Riak-Vclock", out var values) ? Convert.FromBase64String(values.First()) : [];
            if (response.StatusCode == HttpStatusCode.NotFound)
                return new LoadAnswer(true, null, token, [], Nothing: method == HttpMethod.Delete);
            if (response.StatusCode != HttpStatusCode.MultipleChoices && !response.IsSuccessStatusCode)
                return LoadAnswer.Failed($"{(int)response.StatusCode} {body.Trim()}");
            return new LoadAnswer(true, null, token, method == HttpMethod.Get ? [.. Numbers(body)] : []);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return LoadAnswer.Failed(fault is TaskCanceledException ? "no answer in time" : fault.Message);
        }
    }

    // A value alone is a number; between the headers of several parts the bodies are the lines that are nothing but one.
    private static IEnumerable<long> Numbers(string body)
    {
        foreach (var line in body.Split('\n'))
            if (long.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) yield return number;
    }
}
