using System.Text;
using System.Text.Json;
using Dynamo.Actors;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;

namespace Dynamo.Node;

/// <summary>Has a node of a rehearsal take another one in as an administrator does: over HTTP, on a free port of 127.0.0.1.</summary>
internal static class HttpJoin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Stages the join, looks at the plan and commits it.</summary>
    /// <param name="asked">The node that is asked.</param>
    /// <param name="joining">The one that is to join.</param>
    /// <exception cref="HttpRequestException">A request is refused.</exception>
    public static async Task Run(DynamoSystem asked, NodeId joining)
    {
        using var backups = new BackupJob(null, "akka");
        await using var http = await DynamoHttp.StartAsync(new NodePort(asked, backups), new HttpOptions());
        using var client = new HttpClient { BaseAddress = new Uri(http.Url), Timeout = Patience };
        foreach (var path in (string[])["/admin/cluster", "/admin/ring", "/admin/node"]) await client.GetStringAsync(new Uri(path, UriKind.Relative));
        await Post("join", $$"""{"node":"{{joining}}"}""");
        using var plan = JsonDocument.Parse(await Post("plan", null));
        await Post("commit", $$"""{"based_on":"{{plan.RootElement.GetProperty("based_on").GetString()}}"}""");

        async Task<string> Post(string what, string? json)
        {
            using var body = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri($"/admin/cluster/{what}", UriKind.Relative), body);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        }
    }
}
