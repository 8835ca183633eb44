using System.Net;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET /: the resource list for programs, a plain page for people.</summary>
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
        ("dynamo_admin_local", "/admin/local"), ("dynamo_admin_repair", "/admin/repair"),
    ];

    public static async Task Get(Exchange x)
    {
        x.Response.Headers.Vary = "Accept";
        switch (Accepted.Best(x.Request.Headers.Accept, "text/html", "application/json"))
        {
            case "application/json":
                x.Response.Headers.Link = string.Join(
                    ", ", Resources.Select(static r => $"<{r.Path}>; rel=\"{r.Name}\""));
                await Answer.Json(x, static json =>
                {
                    // Riak repeats names in this object, and its clients read it so.
                    json.WriteStartObject();
                    foreach (var (name, path) in Resources) json.WriteString(name, path);
                    json.WriteEndObject();
                });
                break;
            case "text/html":
                var html = Html(x.Node, await x.Node.Status());
                await Answer.Bytes(x.Http, 200, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(html));
                break;
            default:
                await Answer.Text(x, 406, "This is text/html or application/json, which the Accept header excludes.");
                break;
        }
    }

    private static string Html(INodePort node, NodeStatus status)
    {
        var rows = new StringBuilder();
        foreach (var member in node.Ring.Members)
        {
            var seen = status.Nodes.FirstOrDefault(n => n.Node == member.Node);
            var name = Text(member.Node.Name);
            if (seen?.Url is { Length: > 0 } url) name = $"<a href=\"{Text(url)}\">{name}</a>";
            var state = member.Node == node.Self ? "this node" : seen?.Reachable == true ? "reachable" : "unreachable";
            rows.Append($"<tr><td>{name}</td><td>{node.Ring.Share(member.Node)}</td>")
                .Append($"<td>{member.Weight}</td><td>{Text(member.Zone)}</td>")
                .Append($"<td>{state}</td></tr>\n");
        }

        var trouble = status.StorageError is null ? "" : $"<p><strong>Storage: {Text(status.StorageError)}</strong></p>\n";
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{Text(node.Self.Name)}</title></head><body>
            <h1>{Text(node.Self.Name)}</h1>
            <p>A node of the cluster {Text(node.Founding.ClusterName)} ({Text(status.Runtime)} runtime, {Text(status.Engine)} storage),
            holding {status.Keys} records and {status.Hints.Values.Sum()} hints.</p>
            {trouble}<table><thead><tr><th>Node</th><th>Partitions</th><th>Weight</th><th>Zone</th><th>State</th></tr></thead><tbody>
            {rows}</tbody></table>
            <ul><li><a href="/stats">/stats</a></li><li><a href="/metrics">/metrics</a></li>
            <li><a href="/admin/cluster">/admin/cluster</a></li><li><a href="/admin/ring">/admin/ring</a></li>
            <li><a href="/admin/node">/admin/node</a></li><li><a href="/buckets?buckets=true">/buckets?buckets=true</a></li></ul>
            </body></html>
            """;
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
