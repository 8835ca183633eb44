namespace Dynamo.Cli.Tests;

/// <summary>Command lines that are not understood, help, and nodes that are not there.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("frob")]
    [InlineData("get", "b")]
    [InlineData("get", "", "k")]
    [InlineData("get", "b", "k", "--sibling", "x")]
    [InlineData("get", "b", "k", "--url", "localhost")]
    [InlineData("get", "b", "k", "--frob")]
    [InlineData("put", "b", "k")]
    [InlineData("put", "b", "k", "v", "--file", "f")]
    [InlineData("put", "b", "k", "v", "--meta", "novalue")]
    [InlineData("put", "b", "k", "--file", "/no/such/file")]
    [InlineData("put", "b", "k", "v", "--context-file", "/no/such/file")]
    [InlineData("props", "set", "b", "n_val")]
    [InlineData("repair", "--wait")]
    [InlineData("paper", "fig9")]
    [InlineData("paper")]
    [InlineData("up", "--nodes", "x")]
    [InlineData("up", "--nodes", "0")]
    [InlineData("up", "--nodes", "65")]
    [InlineData("up", "--http", "65534")]
    [InlineData("up", "--partitions", "100")]
    [InlineData("up", "--engine", "oracle")]
    [InlineData("up", "--node-program", "/no/such/program.dll")]
    [InlineData]
    public async Task A_command_line_that_is_not_understood_is_exit_code_2_and_a_sentence(params string[] args)
    {
        var run = await ToolRun.Of(args);

        Assert.Equal((2, ""), (run.ExitCode, run.Text));
        Assert.NotEqual("", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("get", "b", "k")]
    [InlineData("status")]
    [InlineData("ring")]
    [InlineData("keys", "b")]
    [InlineData("repair")]
    public async Task No_node_at_the_address_is_exit_code_3(params string[] args)
    {
        var url = $"http://127.0.0.1:{FreePort.Next()}";

        var run = await ToolRun.Of([.. args, "--url", url]);

        Assert.Equal((3, ""), (run.ExitCode, run.Text));
        Assert.StartsWith($"No node answers at {url} (", run.Error);
    }

    [Fact]
    public async Task The_roots_help_lists_commands_and_exit_codes()
    {
        var run = await ToolRun.Of("--help");

        Assert.Equal(0, run.ExitCode);
        string[] commands = ["up", "get", "put", "delete", "status", "ring", "preflist", "keys", "buckets", "props", "repair", "cluster"];
        foreach (var command in commands)
            Assert.Matches($@"(?m)^  {command}\b", run.Text);
        Assert.Contains("Exit codes:", run.Text);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("get")]
    [InlineData("put")]
    [InlineData("delete")]
    [InlineData("status")]
    [InlineData("ring")]
    [InlineData("preflist")]
    [InlineData("keys")]
    [InlineData("props", "set")]
    [InlineData("repair")]
    [InlineData("paper")]
    public async Task Help_has_examples(params string[] command)
    {
        var run = await ToolRun.Of([.. command, "--help"]);

        Assert.Equal(0, run.ExitCode);
        var examples = run.Text[run.Text.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.Contains($"dynamo {string.Join(' ', command)}", examples);
    }

    [Theory]
    [InlineData(true, "get")]
    [InlineData(true, "cluster", "plan")]
    [InlineData(true, "doctor")]
    [InlineData(false, "simulate")]
    [InlineData(false, "paper")]
    [InlineData(false, "up")]
    [InlineData(false, "restore")]
    [InlineData(false, "certificates", "create")]
    [InlineData(false, "completion")]
    public async Task Help_says_how_nodes_are_reached_where_a_command_asks_one(bool asksNodes, params string[] command)
    {
        var run = await ToolRun.Of([.. command, "--help"]);

        foreach (var option in (string[])["--url", "--token", "--token-file", "--ca-file", "--insecure"])
            Assert.Equal(asksNodes, run.Text.Split('\n').Any(line => line.TrimStart().StartsWith($"{option} ", StringComparison.Ordinal)));
        Assert.Contains("--json", run.Text, StringComparison.Ordinal);
    }
}
