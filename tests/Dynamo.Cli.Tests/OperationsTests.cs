using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Cli.Diagnosis;
using Dynamo.Cli.Http;
using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Cli.Tests;

/// <summary>Backup, restore, doctor and completion.</summary>
public sealed class OperationsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.Start();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_node_is_backed_up_while_it_runs_and_restored_into_an_empty_folder()
    {
        var (data, backup, target) = (_folder.File("data"), _folder.File("backup"), _folder.File("new"));
        await using (var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = 2, DataFolder = data, HttpPort = 0 }))
        {
            await cluster.WhenConnected();
            Assert.IsType<Stored>(await cluster["node1"].Put("b", "k", "value"));
            var run = await ToolRun.Of("backup", "node2", "--to", backup, "--url", cluster["node1"].Url);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.StartsWith($"node2 is backed up in {backup}, ", run.Text);
            var again = await ToolRun.Of("backup", "node2", "--to", backup, "--url", cluster["node1"].Url);
            Assert.Equal((1, $"The folder {backup} is not empty.\n"), (again.ExitCode, again.Error));
            var stranger = await ToolRun.Of("backup", "node9", "--to", backup, "--url", cluster["node1"].Url);
            Assert.Equal((2, "There is no node node9 in the cluster.\n"), (stranger.ExitCode, stranger.Error));
        }

        var restored = await ToolRun.Of("restore", "--from", backup, "--data", target, "--json");
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.Equal("node2", JsonDocument.Parse(restored.Text).RootElement.GetProperty("node").GetString());
        Assert.True(File.Exists(Path.Combine(target, "restored", "store.db")) && !File.Exists(Path.Combine(target, "store.db")));
        var twice = await ToolRun.Of("restore", "--from", backup, "--data", target);
        Assert.Equal((1, $"The data folder {target} holds a backup that its node has not read yet.\n"), (twice.ExitCode, twice.Error));
        var whole = await ToolRun.Of("restore", "--from", backup, "--data", _folder.File("whole"), "--whole-cluster");
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.True(File.Exists(_folder.File(Path.Combine("whole", "store.db"))));
        var nothing = await ToolRun.Of("restore", "--from", data, "--data", target);
        Assert.Equal((1, $"{data} is no backup: it has no manifest.json.\n"), (nothing.ExitCode, nothing.Error));
    }

    [Fact]
    public async Task A_backup_that_fails_says_why()
    {
        _node.On("GET /admin/cluster", 200, $$"""
            {"name":"demo","id":"abc","members":[{"name":"node1","weight":1,"zone":"","share":8,"reachable":true,"url":"{{_node.Url}}"}]}
            """);
        const string running = """{"name":"node1","backup":{"folder":"/b","running":true,"bytes":1,"bytes_in_all":9,"error":null},"restore":null}""";
        const string failed = """{"name":"node1","backup":{"folder":"/b","running":false,"bytes":0,"bytes_in_all":0,"error":"The backup to /b failed: the disk is full."},"restore":null}""";
        _node.On("POST /admin/backup", 202, running).OnEach("GET /admin/backup", running, failed);
        var run = await _node.Run("backup", "node1", "--to", "/b", "--rate", "3");
        Assert.Equal((1, "The backup to /b failed: the disk is full.\n"), (run.ExitCode, run.Error));
        Assert.Equal("""{"folder":"/b","rate":3145728}""", _node.Requests.Single(static r => r.Method == "POST").Text);
    }

    [Fact]
    public async Task The_doctor_finds_what_is_wrong_with_a_machine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var data = _folder.File("data");
        Directory.CreateDirectory(data);
        await File.WriteAllLinesAsync(Path.Combine(data, "dynamo.node"), ["runtime=akka", "node=node7", "cluster=abc"]);
        var findings = await MachineChecks.Of(Facts(port, data), CancellationToken.None);
        var inUse = Assert.Single(findings, static f => f.What == "HTTP port");
        Assert.Equal("fail", inUse.Level);
        Assert.Contains(OperatingSystem.IsLinux() ? $"(pid {Environment.ProcessId})" : "in use", inUse.Sentence);
        Assert.Equal("ok", Assert.Single(findings, static f => f.What == "Akka.Remote port").Level);
        Assert.Contains("node=node7", Assert.Single(findings, static f => f.What == "data folder").Sentence);
        Assert.Equal("warn", Assert.Single(findings, static f => f.What == "exposure").Level);
        Assert.Equal("warn", Assert.Single(findings, static f => f.What == "cluster key").Level);
        Assert.Equal(["ok", "warn"], findings.Where(static f => f.What == "member").Select(static f => f.Level));
        Assert.All(findings.Where(static f => f.Level != "ok"), static f => Assert.NotEqual("", f.Advice));
        Assert.Contains(findings, static f => f is { What: "disk", Level: "ok" } && f.Sentence.EndsWith("can be written and flushed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_doctor_compares_clocks_and_versions()
    {
        _node.On("GET /admin/cluster", 200, $$"""
            {"name":"demo","id":"abc","members":[{"name":"node1","weight":1,"zone":"","share":8,"reachable":true,"url":"{{_node.Url}}"},
            {"name":"node2","weight":1,"zone":"","share":8,"reachable":true,"url":"{{_node.Url}}"}]}
            """);
        string Of(string version, DateTime clock) => $$"""{"name":"n","version":"{{version}}","clock":"{{clock:O}}"}""";
        _node.OnEach("GET /admin/node", Of("1.0.0", DateTime.UtcNow), Of("1.1.0", DateTime.UtcNow.AddHours(-1)));
        var findings = await ClusterChecks.Of(new Uri(_node.Url), new NodeAccess(), CancellationToken.None);
        Assert.Equal(["ok", "warn", "warn"], findings.Select(static f => f.Level));
        Assert.Contains("is 36", findings[1].Sentence);
        Assert.Equal("Nodes run 1.0.0 and 1.1.0.", findings[2].Sentence);
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_is_a_finding()
    {
        var program = _folder.File("node");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho 'dynamo.http.port is \"x\"; it must be a number.' >&2\nexit 2\n");
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = await ToolRun.Of("doctor", "--config", _folder.File("node.conf"), "--node-program", program);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("fail configuration: dynamo.http.port is \"x\"; it must be a number. Mend the setting", run.Text);
    }

    [Fact]
    public async Task Bash_completes_commands_and_options()
    {
        if (OperatingSystem.IsWindows()) return;
        var tool = _folder.File("dynamo");
        await File.WriteAllTextAsync(tool, $"#!/bin/bash\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "dynamo.dll")}' \"$@\"\n");
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(["preflist", "props"], await Complete("dynamo pr", "pr"));
        Assert.Equal(["--whole-cluster"], await Complete("dynamo restore --w", "--w"));
        Assert.Equal(["bash", "fish", "pwsh", "zsh"], await Complete("dynamo completion ", ""));

        async Task<string[]> Complete(string line, string word)
        {
            var script = "source <(dynamo completion bash)\n"
                + $"COMP_LINE='{line}'; COMP_POINT={line.Length}; COMP_WORDS=({line} {(word.Length == 0 ? "''" : "")}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
                + "_dynamo_complete; printf '%s\\n' \"${COMPREPLY[@]}\"";
            var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true };
            start.Environment["PATH"] = _folder.Path + ":" + Environment.GetEnvironmentVariable("PATH");
            using var bash = Process.Start(start)!;
            var text = await bash.StandardOutput.ReadToEndAsync();
            await bash.WaitForExitAsync();
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c dynamo")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Other_shells_get_a_script_of_theirs(string shell, string contains) =>
        Assert.Contains(contains, (await ToolRun.Of("completion", shell)).Text);

    private JsonObject Facts(int port, string data) => new()
    {
        ["node"] = "node1", ["cluster"] = "abc", ["folder"] = data, ["http_host"] = "127.0.0.1", ["http_port"] = port, ["has_token"] = false,
        ["remote_host"] = "127.0.0.1", ["bind_host"] = "127.0.0.1", ["remote_port"] = FreePort.Next(), ["has_tls"] = false, ["has_key"] = false,
        ["exposure"] = "The node serves HTTP without a token.",
        ["others"] = new JsonArray(
            new JsonObject { ["name"] = "node2", ["address"] = $"127.0.0.1:{port}" },
            new JsonObject { ["name"] = "node3", ["address"] = $"127.0.0.1:{FreePort.Next()}" }),
    };
}
