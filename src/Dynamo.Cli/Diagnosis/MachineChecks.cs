using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dynamo.Storage;

namespace Dynamo.Cli.Diagnosis;

/// <summary>Holds what a configuration asks for against the machine that this process runs on.</summary>
internal static class MachineChecks
{
    private const long LeastDisk = 1L << 30, LittleDisk = 10L << 30;
    private const int FewFiles = 4096;
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(2);

    /// <param name="facts">What the node program read.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<IReadOnlyList<Finding>> Of(JsonObject facts, CancellationToken cancel)
    {
        var findings = new List<Finding>
        {
            Port("HTTP port", facts["http_host"]!.ToString(), facts["http_port"]!.GetValue<int>(), "dynamo.http.port"),
            Port("Akka.Remote port", facts["bind_host"]!.ToString(), facts["remote_port"]!.GetValue<int>(), "the node's entry in dynamo.cluster.members"),
        };
        if (facts["folder"]?.ToString() is { } folder) findings.AddRange(Folder(folder, facts["node"]!.ToString(), facts["cluster"]!.ToString()));
        if (OpenFiles() is { } files)
            findings.Add(files >= FewFiles
                ? Finding.Ok("open files", $"{files} are allowed.")
                : Finding.Warn("open files", $"Only {files} are allowed.", "Raise the limit (ulimit -n, LimitNOFILE) to 4096 or more."));
        findings.Add(facts["exposure"]!.ToString() is { Length: > 0 } exposure
            ? Finding.Warn("exposure", exposure, "Set dynamo.http.token and dynamo.remote.tls, or listen on this machine only.")
            : Finding.Ok("exposure", "Nobody beyond this machine gets in without a token and TLS."));
        if (!facts["has_key"]!.GetValue<bool>())
            findings.Add(Finding.Warn("cluster key", "There is none, so contexts can be forged by who knows the cluster.", "Set dynamo.cluster.key, the same on all nodes."));
        var others = await Task.WhenAll(facts["others"]!.AsArray().Select(other => Reach(other!["name"]!.ToString(), other["address"]!.ToString(), cancel)));
        findings.AddRange(others);
        return findings;
    }

    private static Finding Port(string what, string host, int port, string setting)
    {
        if (port == 0) return Finding.Ok(what, "Any free one is taken.");
        var address = host is "*" or "0.0.0.0" ? IPAddress.Any : host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(host, out var parsed) ? parsed : null;
        if (address is null) return Finding.Ok(what, $"{port} on {host}; whether it is free shows at the start.");
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return Finding.Ok(what, $"{port} on {host} is free.");
        }
        catch (SocketException fault)
        {
            var why = fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"{port} on {host} is in use" + (PortOwner.Of(port) is { } owner ? $" by {owner}." : " by another process."),
                SocketError.AddressNotAvailable => $"{host} is no address of this machine.",
                _ => $"{port} on {host} cannot be had: {fault.Message}",
            };
            return Finding.Fail(what, why, $"Stop what listens there, or change {setting}.");
        }
    }

    private static IEnumerable<Finding> Folder(string folder, string node, string cluster)
    {
        var path = Path.GetFullPath(folder);
        var marker = Path.Combine(path, DataFolder.MarkerFile);
        string[] lines = File.Exists(marker) ? [.. File.ReadLines(marker).Take(16)] : [];
        if (lines.Length > 0 && !(lines.Contains($"node={node}") && lines.Contains($"cluster={cluster}")))
            yield return Finding.Fail(
                "data folder", $"{path} belongs to {lines.FirstOrDefault(static l => l.StartsWith("node=", StringComparison.Ordinal)) ?? "another node"} of another cluster or name.",
                "Give each node a folder of its own, for life; first members and the number of partitions may not change.");
        else yield return Finding.Ok("data folder", lines.Length > 0 ? $"{path} is {node}'s." : $"{path} is new.");
        yield return Flush(path);
        if (DiskSpace.Free(path) is not { } free) yield break;
        var said = $"{free >> 20} MiB are free.";
        yield return free < LeastDisk ? Finding.Fail("disk", said, "A node needs 1 GiB at the very least.")
            : free < LittleDisk ? Finding.Warn("disk", said, "Plan for twice the data, since backups and the write-ahead log take room.")
            : Finding.Ok("disk", said);
    }

    private static Finding Flush(string path)
    {
        try
        {
            // Where the folder would be made, when it is not there yet.
            while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent) path = parent;
            var probe = Path.Combine(path, $".doctor-{Environment.ProcessId}");
            using (var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, FileOptions.DeleteOnClose))
            {
                file.WriteByte(1);
                file.Flush(flushToDisk: true);
            }

            return Finding.Ok("disk", $"{path} can be written and flushed.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail("disk", $"{path} cannot be written: {fault.Message}", "Give it to the user that the node runs as.");
        }
    }

    private static long? OpenFiles()
    {
        const string limits = "/proc/self/limits";
        if (!File.Exists(limits)) return null;
        var line = File.ReadLines(limits).FirstOrDefault(static l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, out var files) ? files : soft == "unlimited" ? long.MaxValue : null;
    }

    private static async Task<Finding> Reach(string name, string address, CancellationToken cancel)
    {
        var at = address.LastIndexOf(':');
        if (at < 0 || !int.TryParse(address[(at + 1)..], out var port)) return Finding.Warn("member", $"{name} has no address.", "");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ReachLimit);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(address[..at].Trim('[', ']'), port, limit.Token);
            return Finding.Ok("member", $"{name} listens at {address}.");
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            return Finding.Warn("member", $"{name} is not reached at {address}.", "It may not be started yet; else look at its host name and the firewall.");
        }
    }
}
