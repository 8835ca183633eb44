using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Probes, stopping in order, and backups.</summary>
public sealed partial class HealthTests
{
    [Fact]
    public async Task Probes_need_no_token_and_say_why_a_node_is_not_ready()
    {
        await using var service = await Service.Start(new HttpOptions { BearerToken = "secret" });
        Assert.Equal(401, (await service.Ask("GET", "/admin/node")).Status);
        Assert.Equal(200, (await service.Ask("GET", "/health/live")).Status);
        Assert.Equal(200, (await service.Ask("GET", "/health/ready")).Status);
        service.Node.StorageError = "The disk is full.";
        await NotReady("The disk is full.");
        service.Node.Absence = "node1 has left the cluster.";
        await NotReady("node1 has left the cluster.");
        service.Node.StatusFault = static () => new InvalidOperationException("down");
        await NotReady("node1 is down.");
        Assert.Equal(200, (await service.Ask("GET", "/health/live")).Status);
        Assert.Equal(405, (await service.Ask("POST", "/health/live")).Status);

        async Task NotReady(string why)
        {
            var answer = await service.Ask("GET", "/health/ready");
            Assert.Equal((503, why), (answer.Status, answer.Body.Trim()));
        }
    }

    [Fact]
    public async Task A_node_that_stops_answers_what_is_under_way_and_nothing_new()
    {
        await using var service = await Service.Start();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource<Outcome>());
        service.Node.Instead = _ =>
        {
            begun.TrySetResult();
            return end.Task;
        };
        var slow = service.Ask("GET", "/buckets/b/keys/k");
        await begun.Task;
        var drained = service.Drain(CancellationToken.None);
        var refused = await service.Ask("GET", "/buckets/b/keys/k");
        Assert.Equal((503, "close"), (refused.Status, refused.Header("Connection")));
        Assert.Contains("node1 is stopping", refused.Body);
        Assert.Equal(503, (await service.Ask("GET", "/health/ready")).Status);
        Assert.Equal(200, (await service.Ask("GET", "/health/live")).Status);
        Assert.False(drained.IsCompleted);
        end.SetResult(new NotFound(default, null));
        Assert.Equal(404, (await slow).Status);
        await drained;
    }

    [Fact]
    public async Task A_limit_ends_the_waiting()
    {
        await using var service = await Service.Start();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource<Outcome>());
        service.Node.Instead = _ =>
        {
            begun.TrySetResult();
            return end.Task;
        };
        var slow = service.Ask("GET", "/buckets/b/keys/k");
        await begun.Task;
        using var limit = new CancellationTokenSource();
        var drained = service.Drain(limit.Token);
        await limit.CancelAsync();
        await drained;
        end.SetResult(new NotFound(default, null));
        Assert.Equal(404, (await slow).Status);
    }

    [Fact]
    public async Task Backups_are_begun_and_followed_and_a_restoration_is_shown()
    {
        await using var service = await Service.Start();
        var none = await service.Json("/admin/backup");
        Assert.Equal(("Null", "Null"), ($"{none.GetProperty("backup").ValueKind}", $"{none.GetProperty("restore").ValueKind}"));
        var begun = await service.Ask("POST", "/admin/backup", """{"folder":"/b","rate":7}""", "Content-Type: application/json");
        Assert.Equal(202, begun.Status);
        Assert.Equal(("/b", (long?)7), Assert.Single(service.Node.Backups));
        service.Node.Restored = new RestoreProgress(false, 16, 3, 2, 99, "node3");
        var shown = await service.Json("/admin/backup");
        Assert.Equal(("/b", true, 5, 10), (
            shown.GetProperty("backup").GetProperty("folder").GetString(), shown.GetProperty("backup").GetProperty("running").GetBoolean(),
            shown.GetProperty("backup").GetProperty("bytes").GetInt32(), shown.GetProperty("backup").GetProperty("bytes_in_all").GetInt32()));
        Assert.Equal(("node3", 2, 99), (
            shown.GetProperty("restore").GetProperty("waits_for").GetString(), shown.GetProperty("restore").GetProperty("partitions_left_out").GetInt32(),
            shown.GetProperty("restore").GetProperty("keys_taken").GetInt32()));
        service.Node.BackupRefusal = "The folder /b is not empty.";
        Assert.Equal(409, (await service.Ask("POST", "/admin/backup", """{"folder":"/b"}""", "Content-Type: application/json")).Status);
    }

    [Theory]
    [InlineData("""{"folder":"/b"}""", "text/plain", 415)]
    [InlineData("", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("""{"folder":7}""", "application/json", 400)]
    [InlineData("""{"folder":"/b","speed":7}""", "application/json", 400)]
    [InlineData("""{"folder":"/b","rate":"fast"}""", "application/json", 400)]
    public async Task What_is_no_request_for_a_backup_begins_none(string body, string type, int status)
    {
        await using var service = await Service.Start();
        Assert.Equal(status, (await service.Ask("POST", "/admin/backup", body, $"Content-Type: {type}")).Status);
        Assert.Empty(service.Node.Backups);
    }

    [Fact]
    public async Task The_paths_that_the_container_files_probe_are_there()
    {
        await using var service = await Service.Start();
        List<string> paths = [.. ((string[])["kubernetes.yaml", "Dockerfile"]).SelectMany(static file =>
            Probe().Matches(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "config", file)))).Select(static m => m.Value)];
        Assert.Equal(4, paths.Count);
        foreach (var path in paths) Assert.Equal(200, (await service.Ask("GET", path)).Status);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex("/health/[a-z]+")]
    private static partial Regex Probe();
}
