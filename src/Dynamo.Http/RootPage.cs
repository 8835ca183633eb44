using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>GET /: the resource list for programs, the console for people.</summary>
internal static class RootPage
{
    private static readonly (string Name, string Path)[] Resources =
    [
        ("riak_kv_wm_buckets", "/buckets"), ("riak_kv_wm_buckets", "/riak"),
        ("riak_kv_wm_counter", "/buckets"), ("riak_kv_wm_keylist", "/buckets"),
        ("riak_kv_wm_object", "/buckets"), ("riak_kv_wm_object", "/riak"),
        ("riak_kv_wm_ping", "/ping"), ("riak_kv_wm_props", "/buckets"), ("riak_kv_wm_stats", "/stats"),
        ("dynamo_metrics", "/metrics"), ("dynamo_admin_cluster", "/admin/cluster"), ("dynamo_admin_ring", "/admin/ring"),
        ("dynamo_admin_node", "/admin/node"), ("dynamo_admin_preflist", "/admin/preflist"),
        ("dynamo_admin_local", "/admin/local"), ("dynamo_admin_inspect", "/admin/inspect"),
        ("dynamo_admin_repair", "/admin/repair"),
    ];

    /// <summary>Whether a request for the root is answered with the console, which holds no data.</summary>
    public static bool IsForPeople(HttpRequest request) => Best(request) == "text/html";

    public static Task Get(Exchange x)
    {
        x.Response.Headers.Vary = "Accept";
        switch (Best(x.Request))
        {
            case "application/json":
                x.Response.Headers.Link = string.Join(
                    ", ", Resources.Select(static r => $"<{r.Path}>; rel=\"{r.Name}\""));
                return Answer.Json(x, static json =>
                {
                    // Riak repeats names in this object, and its clients read it so.
                    json.WriteStartObject();
                    foreach (var (name, path) in Resources) json.WriteString(name, path);
                    json.WriteEndObject();
                });
            case "text/html":
                return ConsoleFiles.Page(x);
            default:
                return Answer.Text(x, 406, "This is text/html or application/json, which the Accept header excludes.");
        }
    }

    private static string? Best(HttpRequest request) =>
        Accepted.Best(request.Headers.Accept, "text/html", "application/json");
}
