using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dynamo.Cli.Up;

namespace Dynamo.Cli.Tests;

/// <summary>Starting, watching and stopping node processes; this assembly plays the node program.</summary>
public sealed class UpTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    private static string NodeProgram => typeof(UpTests).Assembly.Location;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_in_use_is_one_sentence_before_anything_starts()
    {
        var port = FreePort.Next(2);
        using var listener = new TcpListener(IPAddress.Loopback, port + 1);
        listener.Start();

        var run = await ToolRun.Of(
            "up", "--http", $"{port}", "--nodes", "2", "--data", _folder.File("data"), "--node-program", NodeProgram);

        Assert.Equal(
            (1, "", $"Port {port + 1} is in use: stop what listens there, or choose others with --http.\n"),
            (run.ExitCode, run.Text, run.Error));
        Assert.False(Directory.Exists(_folder.File("data")));
    }

    [Fact]
    public void A_node_is_told_its_name_ports_folder_and_who_else_there_is()
    {
        var options = Options(nodes: 2, http: 8098) with { Data = "/d", Engine = "memory", Partitions = 64 };

        var launch = new NodeLaunch("/bin/Dynamo.Node.dll", options, 1);

        Assert.Equal(
            "/bin/Dynamo.Node.dll -D dynamo.node.name=node2 -D dynamo.http.port=8099 -D dynamo.storage.folder=/d/node2 "
            + "-D dynamo.storage.engine=memory -D dynamo.cluster.partitions=64 "
            + "-D dynamo.cluster.members=[\"node1@127.0.0.1:18098\",\"node2@127.0.0.1:18099\"]",
            string.Join(' ', launch.Arguments).Replace('\\', '/'));
    }

    [Fact]
    public async Task Nodes_are_named_with_their_addresses_before_the_ready_line_and_stop_cleanly()
    {
        var options = Options(nodes: 2);
        await using var up = new RunningUp(options);

        await up.Ready();
        var code = await up.Stop();

        Assert.Equal(0, code);
        Assert.Matches(
            $@"^node1 +http://127\.0\.0\.1:{options.Http}\nnode2 +http://127\.0\.0\.1:{options.Http + 1}\n"
            + @"ready: 2 nodes \(akka\)",
            up.Text);
        foreach (var name in options.Names)
        {
            var log = await File.ReadAllTextAsync(Path.Combine(options.Data, name, "node.log"));
            Assert.Contains($"{name} is up", log);
            Assert.Contains("stopped cleanly", log);
        }

        Assert.Contains("node1: 2026-11-20T10:00:00.000Z ERROR dynamo.node: something to know\n", up.Error);
        Assert.DoesNotContain("ended with exit code", up.Error);
    }

    [Fact]
    public async Task A_node_that_dies_is_named_with_its_exit_code_and_the_rest_go_on()
    {
        var options = Options(nodes: 2);
        await using var up = new RunningUp(options);
        await up.Ready();

        await Die(options.Url(0));
        await up.Complaint("node1 ended with exit code 7.");

        using var http = new HttpClient();
        Assert.Equal("OK", await http.GetStringAsync(new Uri(options.Url(1), "/ping")));
        Assert.Equal(0, await up.Stop());
    }

    [Fact]
    public async Task When_every_node_has_ended_so_has_up()
    {
        var options = Options(nodes: 1);
        await using var up = new RunningUp(options);
        await up.Ready();

        await Die(options.Url(0));

        Assert.Equal(1, await up.Ended());
        Assert.Contains("Every node has ended.", up.Error);
    }

    [Fact]
    public async Task A_node_that_refuses_its_folder_is_quoted_and_nothing_keeps_running()
    {
        var options = Options(nodes: 2);
        Directory.CreateDirectory(options.Folder(1));
        await File.WriteAllTextAsync(Path.Combine(options.Folder(1), "refuse"), "This folder is another cluster's.");
        await using var up = new RunningUp(options);

        Assert.Equal(1, await up.Ended());
        Assert.Contains("node2: This folder is another cluster's.\nnode2 ended with exit code 6.\n", up.Error);
        Assert.DoesNotContain("ready:", up.Text);
        Assert.Null(Ports.InUse([options.HttpPort(0)]));
    }

    [Fact]
    public async Task A_node_that_does_not_stop_is_killed()
    {
        var options = Options(nodes: 1);
        Directory.CreateDirectory(options.Folder(0));
        await File.WriteAllTextAsync(Path.Combine(options.Folder(0), "stubborn"), "");
        await using var node = NodeProcess.Start(new NodeLaunch(NodeProgram, options, 0), _ => { });
        using var limit = new CancellationTokenSource(Limit);
        await Readiness.Wait([options.Url(0)], limit.Token);

        Assert.Null(await node.Stop(TimeSpan.FromMilliseconds(1)));
        Assert.Null(Ports.InUse([options.HttpPort(0)]));
    }

    [Fact]
    public async Task The_embedded_cluster_keeps_data_and_its_addresses_over_a_restart()
    {
        var options = Options(nodes: 3) with { Partitions = 8 };
        await using (var up = new RunningUp(options, embedded: true))
        {
            await up.Ready();
            Assert.Contains("ready: 3 nodes (embedded)", up.Text);
            Assert.Equal(0, (await ToolRun.Of("put", "b", "k", "kept", "--url", $"{options.Url(0)}")).ExitCode);
            Assert.Equal(0, await up.Stop());
        }

        await using var again = new RunningUp(options, embedded: true);
        await again.Ready();
        var run = await ToolRun.Of("get", "b", "k", "--url", $"{options.Url(2)}");
        Assert.Equal((0, "kept"), (run.ExitCode, run.Text));
        Assert.Equal(0, await again.Stop());
    }

    [Fact]
    public async Task SIGTERM_stops_the_tool_and_its_nodes()
    {
        if (OperatingSystem.IsWindows()) return;
        var options = Options(nodes: 2);
        using var tool = Process.Start(new ProcessStartInfo("dotnet",
        [
            typeof(CommandLine).Assembly.Location, "up", "--json", "--nodes", "2", "--http", $"{options.Http}",
            "--data", options.Data, "--node-program", NodeProgram,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

        var ready = JsonDocument.Parse((await tool.StandardOutput.ReadLineAsync().WaitAsync(Limit))!).RootElement;
        Assert.Equal("akka", ready.GetProperty("runtime").GetString());
        Assert.Equal(options.Url(1), new Uri(ready.GetProperty("nodes")[1].GetProperty("url").GetString()!));
        Signals.Terminate(tool);
        using var limit = new CancellationTokenSource(Limit);
        await tool.WaitForExitAsync(limit.Token);

        Assert.Equal(0, tool.ExitCode);
        Assert.Null(Ports.InUse([options.HttpPort(0), options.HttpPort(1)]));
    }

    private UpOptions Options(int nodes, int? http = null) => new()
    {
        Nodes = nodes,
        Http = http ?? FreePort.Next(nodes),
        Data = _folder.File("data"),
        Engine = "sqlite",
        Partitions = 256,
    };

    private static async Task Die(Uri url)
    {
        using var http = new HttpClient();
        var fault = await Record.ExceptionAsync(() => http.PostAsync(new Uri(url, "/die"), null));
        // How the connection of a dying process breaks depends on the moment; the client does not wrap all of it.
        Assert.True(fault is HttpRequestException or System.Net.Sockets.SocketException, fault?.ToString() ?? "it answered");
    }

    /// <summary>An up that runs inside the test, stopped by a token instead of a signal.</summary>
    private sealed class RunningUp : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly WatchedText _output = new();
        private readonly WatchedText _error = new();
        private readonly AkkaUp? _akka;
        private readonly Task<int> _run;

        public RunningUp(UpOptions options, bool embedded = false)
        {
            var output = new UpOutput(new Terminal(_output.Stream, _error.Writer, interactive: false), json: false);
            _akka = embedded ? null : new AkkaUp(NodeProgram, options, output);
            _run = Task.Run(
                () => _akka is null ? EmbeddedUp.Run(options, output, _stop.Token) : _akka.Run(_stop.Token));
        }

        public string Text => _output.ToString();

        public string Error => _error.ToString();

        public Task Ready() => _output.Until("ready:", _run);

        public Task Complaint(string text) => _error.Until(text, _run);

        public Task<int> Ended() => _run.WaitAsync(Limit);

        public async Task<int> Stop()
        {
            await _stop.CancelAsync();
            return await Ended();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAny(_run);
            if (_akka is not null) await _akka.DisposeAsync();
            _stop.Dispose();
        }
    }
}
