namespace Dynamo.Cli.Tests;

/// <summary>counter against a node that answers in Riak's dialect.</summary>
public sealed class CounterCommandTests : IAsyncLifetime
{
    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.Start();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task It_prints_the_value()
    {
        _node.On("GET /buckets/b/counters/k", 200, "-7").On("GET /buckets/b/counters/k?r=all", 200, "-7");
        var run = await _node.Run("counter", "b", "k", "--r", "all");
        Assert.Equal((0, "-7\n", ""), (run.ExitCode, run.Text, run.Error));
        Assert.Equal("/buckets/b/counters/k?r=all", _node.Requests.Single().Target);
        Assert.Equal("{\"bucket\":\"b\",\"key\":\"k\",\"value\":-7}\n", (await _node.Run("counter", "b", "k", "--json")).Text);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-12")]
    public async Task Adding_prints_what_it_comes_to(string delta)
    {
        _node.On("POST /buckets/b/counters/k?w=all&returnvalue=true", 200, "93");
        var run = await _node.Run("counter", "b", "k", "--add", delta, "--w", "all");
        Assert.Equal((0, "93\n", ""), (run.ExitCode, run.Text, run.Error));
        Assert.Equal("/buckets/b/counters/k?w=all&returnvalue=true", _node.Requests.Single().Target);
        Assert.Equal(delta, _node.Requests.Single().Text);
    }

    [Fact]
    public async Task Where_there_is_none_it_is_exit_code_1()
    {
        var run = await _node.Run("counter", "b", "k");
        Assert.Equal((1, "", "b/k is not found.\n"), (run.ExitCode, run.Text, run.Error));
        Assert.Equal(2, (await _node.Run("counter", "b", "k", "--add", "one")).ExitCode);
    }

    [Fact]
    public async Task A_refusal_is_the_nodes_own_sentence()
    {
        _node.On("POST /buckets/b/counters/k?returnvalue=true", 409, "Counters require siblings.\n");
        var run = await _node.Run("counter", "b", "k", "--add", "1");
        Assert.Equal((1, "Counters require siblings.\n"), (run.ExitCode, run.Error));
    }
}
