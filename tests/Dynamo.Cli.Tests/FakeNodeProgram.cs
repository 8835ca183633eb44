using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Dynamo.Cli.Tests;

/// <summary>What this assembly is when it is started as a node program.</summary>
/// <remarks>
/// It answers /ping and /admin/cluster, stops on SIGTERM with exit code 0, and does as the files in its folder say:
/// <c>refuse</c> ends it at once with exit code 6 and the file's text on standard error, <c>stubborn</c> makes it
/// ignore SIGTERM. <c>POST /die</c> ends it with exit code 7.
/// </remarks>
internal static class FakeNodeProgram
{
    // A load over the client library, as dynamo bench knows one.
    private static int PretendToMeasure(string[] args)
    {
        Console.WriteLine("measuring");
        Console.WriteLine($$$"""
            {"arguments":"{{{string.Join(' ', args)}}}","measured":{"seconds":1,"ops_per_second":7,"all":{},"puts":{"p50_ms":1,"p99_ms":2,"p999_ms":3,"max_ms":4},"errors":{}},"client_cpu_seconds":0.5}
            """);
        return 0;
    }

    public static async Task<int> Main(string[] args)
    {
        if (args[0] == "client-bench") return PretendToMeasure(args);
        string Setting(string name) =>
            args.Single(a => a.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
        var folder = Setting("dynamo.storage.folder");
        if (File.Exists(Path.Combine(folder, "refuse")))
        {
            await Console.Error.WriteLineAsync(await File.ReadAllTextAsync(Path.Combine(folder, "refuse")));
            return 6;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            options => options.Listen(IPAddress.Loopback, int.Parse(Setting("dynamo.http.port"))));
        await using var app = builder.Build();
        app.Run(http => Serve(http, JsonSerializer.Deserialize<string[]>(Setting("dynamo.cluster.members"))!));
        await app.StartAsync();
        Console.WriteLine($"{Setting("dynamo.node.name")} is up");
        Console.WriteLine("2026-11-20T10:00:00.000Z ERROR dynamo.node: something to know");
        Console.WriteLine("2026-11-20T10:00:00.000Z INFO  dynamo.node: nobody needs this");
        using var stop = new StopOn(ignore: File.Exists(Path.Combine(folder, "stubborn")));
        await stop.Requested;
        await app.StopAsync();
        Console.WriteLine("stopped cleanly");
        return 0;
    }

    private static Task Serve(HttpContext http, string[] members)
    {
        if (http.Request.Path == "/die") Environment.Exit(7);
        if (http.Request.Path != "/admin/cluster") return http.Response.WriteAsync("OK");
        var rows = members.Select(member =>
            $$"""{"name":"{{member.Split('@')[0]}}","weight":1,"zone":"","share":1,"reachable":true,"url":""}""");
        return http.Response.WriteAsync($$"""{"name":"fake","id":"1","members":[{{string.Join(',', rows)}}]}""");
    }

    private sealed class StopOn : IDisposable
    {
        private readonly System.Runtime.InteropServices.PosixSignalRegistration _registration;
        private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StopOn(bool ignore) => _registration = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            context =>
            {
                context.Cancel = true;
                if (!ignore) _requested.TrySetResult();
            });

        public Task Requested => _requested.Task;

        public void Dispose() => _registration.Dispose();
    }
}
