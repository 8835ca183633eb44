using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Nonsense is answered, never with a fault of ours.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Words =
    [
        "/", "buckets", "riak", "keys", "props", "admin", "local", "preflist", "stats", "?", "&", "=", "%", "%2F", "%FF", "%zz", "%c3",
        "+", "..", "//", "r=", "w=", "pr=", "dw=", "timeout=", "returnbody=", "vtag=", "keys=", "buckets=", "true", "stream", "quorum",
        "-1", "0", "1", "99999999999999999999", "1e9", "\"", "*", ",", ";q=", ";", "a", "W/", "!!", "AA==", "{", "}", "\"props\":", "é", ":",
    ];

    private static readonly string[] HeaderNames =
    [
        "Accept", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "X-Riak-Vclock", "Content-Type", "Content-Encoding",
        "X-Riak-Meta-A", "X-Riak-Meta-", "X-Riak-If-Not-Modified", "Authorization", "Range", "Expect", "Link", "Date", "Cookie",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_requests_never_give_500(int seed)
    {
        await using var service = await Service.Start();
        var random = new Random(seed);
        var seen = new SortedDictionary<int, int>();
        for (var i = 0; i < 1_500; i++)
        {
            var request = Request(random);
            var answer = await RawHttp.Send(service.Port, request, halfClose: true);
            Assert.True(answer.Status is >= 200 and < 500 or 503, $"{request}\n\n{answer.Wire}");
            seen[answer.Status] = seen.GetValueOrDefault(answer.Status) + 1;
        }

        foreach (var status in (int[])[200, 204, 400, 404, 405]) Assert.True(seen.GetValueOrDefault(status) > 0, $"no {status}");
        Assert.Equal(200, (await service.Ask("GET", "/ping")).Status);
    }

    [Fact]
    public void Random_queries_are_read_or_refused_with_a_sentence()
    {
        var random = new Random(3);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var target = RequestTarget.Parse("/x?" + Nonsense(random, 8));
            if (OperationQuery.Read(target, 3, out var query) is { Length: > 0 } sentence)
            {
                refused++;
                Assert.InRange(sentence.Length, 10, 200);
            }
            else
            {
                read++;
                Assert.True(query.Get.R.Resolve(3) is >= 1 and <= 3 && query.Put.W.Resolve(3) is >= 1 and <= 3);
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Random_properties_are_read_or_refused_with_a_sentence()
    {
        var random = new Random(4);
        string[] words = ["{", "}", "\"props\"", ":", ",", "\"n_val\"", "\"r\"", "1", "-5", "1e400", "\"all\"", "true", "null", "[", "]", "\"\\ud800\"", " "];
        for (var i = 0; i < 20_000; i++)
        {
            var body = i % 2 == 0 ? "{\"props\":{\"n_val\":" : "";
            for (var j = random.Next(8); j > 0; j--) body += words[random.Next(words.Length)];
            if (i % 2 == 0) body += "}}";
            if (PropertiesEndpoint.Apply(Encoding.UTF8.GetBytes(body), BucketProperties.Standard, out var changed) is "")
                _ = changed.Check();
        }
    }

    private static string Request(Random random)
    {
        string[] methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"];
        string[] starts = ["/buckets/b/keys/k", "/buckets/b/props", "/buckets/b/keys", "/riak/b/k", "/admin/local/b/", "/", ""];
        var method = methods[random.Next(random.Next(2) == 0 ? 2 : methods.Length)];
        var target = starts[random.Next(starts.Length)] + Nonsense(random, 5);
        if (!target.StartsWith('/')) target = "/" + target;
        var text = new StringBuilder($"{method} {target.Replace(" ", "").Replace("é", "%C3%A9")} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
        foreach (var name in HeaderNames)
            if (random.Next(4) == 0) text.Append($"{name}: {Nonsense(random, 4)}\r\n");
        var body = random.Next(2) == 0 ? Nonsense(random, 6) : "";
        if (method is not ("GET" or "HEAD")) text.Append($"Content-Length: {body.Length}\r\n\r\n{body}");
        else text.Append("\r\n");
        return text.ToString();
    }

    private static string Nonsense(Random random, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Next(most + 1); i > 0; i--)
            text.Append(random.Next(8) == 0 ? ((char)random.Next(33, 127)).ToString() : Words[random.Next(Words.Length)]);
        return text.ToString();
    }
}
