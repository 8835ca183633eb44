using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Dynamo.Testing;

/// <summary>Changes a cluster's membership over HTTP as an administrator does, and remembers what the plans promised.</summary>
public sealed class HttpMembership : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Stages a change: the answer's status, and its body.</summary>
    /// <param name="url">The node to stage it at.</param>
    /// <param name="kind">join, leave, remove, replace or weight.</param>
    /// <param name="body">JSON.</param>
    public async Task<(HttpStatusCode Status, string Body)> Stage(string url, string kind, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri($"{url}/admin/cluster/{kind}"), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Stages changes, looks at the plan, and commits exactly that; returns what it promised.</summary>
    /// <param name="url">The node to ask.</param>
    /// <param name="changes">Changes as in <see cref="Stage"/>.</param>
    public async Task<PlanPromise> Change(string url, params (string Kind, string Body)[] changes)
    {
        foreach (var (kind, body) in changes)
        {
            var (status, answer) = await Stage(url, kind, body);
            if (status != HttpStatusCode.Accepted) throw new InvalidOperationException($"{kind} {body}: {(int)status} {answer}");
        }

        var before = await Owners(url);
        var plan = await Post($"{url}/admin/cluster/plan", "");
        var mark = plan.GetProperty("based_on").GetString();
        await Post($"{url}/admin/cluster/commit", $$"""{"based_on":"{{mark}}"}""");
        return new PlanPromise(before, plan);
    }

    /// <summary>The owners of all partitions, as a node reads by them.</summary>
    public async Task<string[]> Owners(string url)
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(url + "/admin/ring")));
        return [.. json.RootElement.GetProperty("owners").EnumerateArray().Select(static o => o.GetString()!)];
    }

    /// <summary>How far a node has come with the membership; null when it does not answer.</summary>
    public async Task<MembershipSeen?> Seen(string url)
    {
        try
        {
            using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(url + "/admin/cluster")));
            var membership = json.RootElement.GetProperty("membership");
            if (membership.ValueKind == JsonValueKind.Null) return null;
            return new MembershipSeen(
                membership.GetProperty("digest").GetString()!,
                membership.GetProperty("commits").GetInt32(),
                membership.GetProperty("next").ValueKind != JsonValueKind.Null,
                membership.GetProperty("transfers_left").GetInt32(),
                [.. json.RootElement.GetProperty("members").EnumerateArray().Select(static m => m.GetProperty("name").GetString()!)],
                [.. membership.GetProperty("nodes").EnumerateArray().Where(static n => n.GetProperty("reachable").GetBoolean())
                    .Select(static n => n.GetProperty("name").GetString()!)]);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>How many records a node's store holds.</summary>
    public async Task<long> Keys(string url)
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(url + "/admin/node")));
        return json.RootElement.GetProperty("keys").GetInt64();
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> Post(string url, string body)
    {
        using var content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(url), content);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"{url} answered {(int)response.StatusCode}: {text}"));
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}

/// <summary>The membership as one node shows it.</summary>
/// <param name="Digest">The digest of everything committed.</param>
/// <param name="Commits">How many commits that is.</param>
/// <param name="IsChanging">Whether a ring is coming.</param>
/// <param name="TransfersLeft">Comparisons that the change still asks of this node.</param>
/// <param name="Members">The members of the ring it reads by.</param>
/// <param name="Reachable">The nodes of either ring that it can reach, itself among them.</param>
public sealed record MembershipSeen(
    string Digest, int Commits, bool IsChanging, int TransfersLeft, string[] Members, string[] Reachable);
