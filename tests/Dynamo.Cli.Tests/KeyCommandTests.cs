using System.Text.Json;

namespace Dynamo.Cli.Tests;

/// <summary>get, put and delete against a node that answers in Riak's dialect.</summary>
public sealed class KeyCommandTests : IAsyncLifetime
{
    private const string Context = "a85hYGBgzGDKBVI8R4M2c";

    // As Riak KV sends it: a line break before the first boundary, and none after a value but the boundary's own.
    private const string Siblings =
        "\r\n--WsAIyJsSWKP\r\nContent-Type: text/plain\r\nLink: </buckets/demo>; rel=\"up\"\r\nEtag: 6N3OJqehL\r\n"
        + "Last-Modified: Fri, 20 Nov 2026 07:40:14 GMT\r\nX-Riak-Meta-N: one\r\n\r\none"
        + "\r\n--WsAIyJsSWKP\r\nContent-Type: application/x-bin\r\nEtag: Te4dt1wXq\r\n"
        + "Last-Modified: Fri, 20 Nov 2026 07:40:15 GMT\r\n\r\n\xff\r\n\r\n--\xfe"
        + "\r\n--WsAIyJsSWKP--\r\n";

    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.Start();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Get_prints_a_single_value_byte_for_byte()
    {
        _node.On("GET /buckets/b/keys/k", 200, "\xff\0\r\n", ("Content-Type", "image/png"), ("X-Riak-Vclock", Context));

        var run = await _node.Run("get", "b", "k");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal([0xff, 0, 13, 10], run.Output);
    }

    [Fact]
    public async Task Get_asks_for_multipart_but_takes_a_stored_multipart_value_for_what_it_is()
    {
        _node.On("GET /buckets/b/keys/k", 200, "not really", ("Content-Type", "multipart/mixed; boundary=x"));

        var run = await _node.Run("get", "b", "k");

        Assert.Equal("not really", run.Text);
        Assert.StartsWith("multipart/mixed", _node.Requests.Single().Headers.Accept.ToString());
    }

    [Theory]
    [InlineData("a/b c", "a%2Fb%20c")]
    [InlineData("..", "..")]
    [InlineData("ä%?#", "%C3%A4%25%3F%23")]
    public async Task Names_reach_the_node_as_they_are(string key, string escaped)
    {
        await _node.Run("get", "b", key);

        Assert.Equal($"/buckets/b/keys/{escaped}", _node.Requests.Single().Target);
    }

    [Fact]
    public async Task Get_passes_its_quorums_on()
    {
        await _node.Run("get", "b", "k", "--r", "all", "--pr", "1", "--notfound-ok", "false", "--timeout", "500");

        Assert.Equal("/buckets/b/keys/k?r=all&pr=1&notfound_ok=false&timeout=500", _node.Requests.Single().Target);
    }

    [Fact]
    public async Task A_key_that_is_not_found_is_exit_code_1_and_a_sentence()
    {
        var run = await _node.Run("get", "b", "k");

        Assert.Equal((1, "", "b/k is not found.\n"), (run.ExitCode, run.Text, run.Error));
    }

    [Fact]
    public async Task A_deleted_key_says_so_and_gives_its_context_as_JSON()
    {
        _node.On("GET /buckets/b/keys/k", 404, "not found\n", ("X-Riak-Deleted", "true"), ("X-Riak-Vclock", Context));

        var run = await _node.Run("get", "b", "k", "--json");

        Assert.Equal((1, "b/k is not found: it was deleted.\n"), (run.ExitCode, run.Error));
        Assert.Equal(
            $$"""{"bucket":"b","key":"k","context":"{{Context}}","deleted":true,"siblings":[]}""" + "\n", run.Text);
    }

    [Fact]
    public async Task Siblings_are_a_table_and_the_context_that_replaces_them()
    {
        OnSiblings();

        var run = await _node.Run("get", "b", "k");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("6N3OJqehL", run.Text);
        Assert.Contains("(not text)", run.Text);
        Assert.Contains("2 siblings", run.Text);
        Assert.EndsWith($"\n{Context}\n", run.Text);
    }

    [Fact]
    public async Task One_sibling_is_printed_byte_for_byte()
    {
        OnSiblings();

        var run = await _node.Run("get", "b", "k", "--sibling", "2");

        Assert.Equal([0xff, 13, 10, 13, 10, (byte)'-', (byte)'-', 0xfe], run.Output);
        Assert.Equal(1, (await _node.Run("get", "b", "k", "--sibling", "3")).ExitCode);
    }

    [Fact]
    public async Task Siblings_as_JSON_have_text_or_base64()
    {
        OnSiblings();

        var run = await _node.Run("get", "b", "k", "--json");

        var siblings = JsonDocument.Parse(run.Text).RootElement.GetProperty("siblings");
        Assert.Equal(2, siblings.GetArrayLength());
        Assert.Equal("one", siblings[0].GetProperty("value").GetString());
        Assert.Equal("one", siblings[0].GetProperty("metadata").GetProperty("N").GetString());
        Assert.Equal("text/plain", siblings[0].GetProperty("content_type").GetString());
        Assert.Equal("6N3OJqehL", siblings[0].GetProperty("etag").GetString());
        Assert.Equal(JsonValueKind.Null, siblings[1].GetProperty("value").ValueKind);
        Assert.Equal("/w0KDQotLf4=", siblings[1].GetProperty("value_base64").GetString());
    }

    [Theory]
    [InlineData("text/plain", "Siblings:\nabc\n", "not as multipart/mixed")]
    [InlineData("multipart/mixed; boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\ncut off", "cannot be read")]
    public async Task A_list_of_siblings_that_cannot_be_read_is_a_sentence(string type, string body, string expected)
    {
        _node.On("GET /buckets/b/keys/k", 300, body, ("Content-Type", type));

        var run = await _node.Run("get", "b", "k");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public async Task Put_sends_value_type_and_metadata()
    {
        _node.On("PUT /buckets/b/keys/k?w=2&dw=1", 204);

        var run = await _node.Run(
            "put", "b", "k", "grün", "--w", "2", "--dw", "1", "--meta", "owner=Zoë", "--meta", "a=b=c");

        Assert.Equal((0, "", ""), (run.ExitCode, run.Text, run.Error));
        var seen = _node.Requests.Single();
        Assert.Equal("grün", seen.Text);
        Assert.Equal("text/plain", seen.Headers.ContentType);
        Assert.Equal("Zoë", seen.Headers["X-Riak-Meta-owner"]);
        Assert.Equal("b=c", seen.Headers["X-Riak-Meta-a"]);
        Assert.False(seen.Headers.ContainsKey("X-Riak-Vclock"));
    }

    [Fact]
    public async Task A_context_goes_from_get_to_put_through_a_file()
    {
        _node.On("GET /buckets/b/keys/k", 200, "old", ("X-Riak-Vclock", Context)).On("PUT /buckets/b/keys/k", 204);
        using var folder = new TemporaryFolder();

        await _node.Run("get", "b", "k", "--context-file", folder.File("ctx"));
        var run = await _node.Run("put", "b", "k", "new", "--context-file", folder.File("ctx"));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Context, _node.Requests.Last().Headers["X-Riak-Vclock"]);
    }

    [Fact]
    public async Task Put_takes_bytes_from_a_file()
    {
        _node.On("PUT /buckets/b/keys/k", 204);
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("v"), [0, 255]);

        var run = await _node.Run("put", "b", "k", "--file", folder.File("v"));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal([0, 255], _node.Requests.Single().Body);
        Assert.Equal("application/octet-stream", _node.Requests.Single().Headers.ContentType);
    }

    [Fact]
    public async Task Put_with_returnbody_shows_what_the_key_holds_now()
    {
        _node.On(
            "PUT /buckets/b/keys/k?returnbody=true", 300, Siblings,
            ("Content-Type", "multipart/mixed; boundary=WsAIyJsSWKP"), ("X-Riak-Vclock", Context));

        var run = await _node.Run("put", "b", "k", "x", "--returnbody", "--json");

        var answer = JsonDocument.Parse(run.Text).RootElement;
        Assert.Equal(Context, answer.GetProperty("context").GetString());
        Assert.Equal(2, answer.GetProperty("siblings").GetArrayLength());
    }

    [Fact]
    public async Task Put_as_JSON_gives_the_new_context()
    {
        _node.On("PUT /buckets/b/keys/k", 204, "", ("X-Riak-Vclock", Context));

        var run = await _node.Run("put", "b", "k", "x", "--json");

        Assert.Equal($$"""{"bucket":"b","key":"k","context":"{{Context}}","siblings":[]}""" + "\n", run.Text);
    }

    [Theory]
    [InlineData(503, "W-value unsatisfied: 1/2; the write may still take effect.", 4)]
    [InlineData(413, "The value has 2 bytes too many.", 1)]
    [InlineData(400, "This is not a context.", 1)]
    [InlineData(401, "", 1)]
    public async Task What_a_node_refuses_is_its_own_sentence(int status, string sentence, int exitCode)
    {
        _node.On("PUT /buckets/b/keys/k", status, sentence);

        var run = await _node.Run("put", "b", "k", "x");

        Assert.Equal(exitCode, run.ExitCode);
        var expected = sentence.Length > 0 ? sentence : $"The node answered {status} without a sentence.";
        Assert.Equal(expected + "\n", run.Error);
    }

    [Fact]
    public async Task Delete_gives_the_context_back()
    {
        _node.On("DELETE /buckets/b/keys/k", 204);

        var run = await _node.Run("delete", "b", "k", "--context", Context, "--json");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("""{"bucket":"b","key":"k","deleted":true}""" + "\n", run.Text);
        Assert.Equal(Context, _node.Requests.Single().Headers["X-Riak-Vclock"]);
    }

    [Fact]
    public async Task Deleting_nothing_is_exit_code_1()
    {
        var run = await _node.Run("delete", "b", "k");

        Assert.Equal((1, "b/k is not found.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task The_bearer_token_is_sent()
    {
        await _node.Run("get", "b", "k", "--token", "s3cret");

        Assert.Equal("Bearer s3cret", _node.Requests.Single().Headers.Authorization);
    }

    private void OnSiblings() => _node.On(
        "GET /buckets/b/keys/k", 300, Siblings,
        ("Content-Type", "multipart/mixed; boundary=WsAIyJsSWKP"), ("X-Riak-Vclock", Context));
}
