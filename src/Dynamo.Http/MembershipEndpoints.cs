using Dynamo.Core;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Http;

/// <summary>POST /admin/cluster/…: changes of the membership are staged, planned and committed at one node.</summary>
/// <remarks>202 with what is staged, 409 with a sentence when it is refused, 400 when it makes no sense, 503 when not now.</remarks>
internal static class MembershipEndpoints
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>Stages the change that the last segment of the path names.</summary>
    public static async Task Stage(Exchange x)
    {
        var kind = x.Target.Segments[^1];
        if (await Body(x, MembershipBody.Known(kind)) is not { } body) return;
        var microseconds = x.Options.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var wrong = body.ToChange(kind, new ChangeOrigin(x.Node.Self, "", new Instant(microseconds)), out var change);
        if (wrong.Length > 0) await Answer.Text(x, 400, wrong);
        else await Staged(x, await x.Node.Stage(change, body.Force), 202);
    }

    /// <summary>Forgets what is staged.</summary>
    public static async Task Clear(Exchange x)
    {
        if (await Body(x, []) is not null) await Staged(x, await x.Node.ClearStaged(), 200);
    }

    /// <summary>Shows what committing would do.</summary>
    public static async Task Plan(Exchange x)
    {
        if (x.IsMethod("POST") && await Body(x, []) is null) return;
        await Planned(x, await x.Node.Plan(), 200);
    }

    /// <summary>Commits: by the plan that the body names, else by the one that is made now.</summary>
    public static async Task Commit(Exchange x)
    {
        if (await Body(x, ["based_on"]) is not { } body) return;
        ulong? basedOn = null;
        if (body.Text("based_on") is { } text)
        {
            if (!MembershipJson.TryDigest(text, out var digest))
            {
                await Answer.Text(x, 400, "\"based_on\" must be the 16 hexadecimal digits that a plan showed.");
                return;
            }

            basedOn = digest;
        }

        await Planned(x, await x.Node.Commit(basedOn), 202);
    }

    // The body; null when it was refused already. A body must say that it is JSON: no form on a web page can.
    private static async Task<MembershipBody?> Body(Exchange x, string[] known)
    {
        if (await BodyReader.Read(x.Request, MaxBytes, x.Aborted) is not { } bytes)
        {
            await Answer.Text(x, 413, $"The body has more than {MaxBytes} bytes.");
            return null;
        }

        if (bytes.Length > 0 && !(MediaTypeHeaderValue.TryParse(x.Request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
        {
            await Answer.Text(x, 415, "Changes of the membership are taken as application/json.");
            return null;
        }

        var wrong = MembershipBody.Read(bytes, known, out var body);
        if (wrong.Length == 0) return body;
        await Answer.Text(x, 400, wrong);
        return null;
    }

    private static Task Staged(Exchange x, MembershipAnswer<MembershipStatus> answer, int status) =>
        answer.Value is not { } membership ? Refuse(x, answer.IsReady, answer.Sentence) : Answer.Json(x, json =>
        {
            json.WriteStartObject();
            MembershipJson.WriteStaged(json, membership);
            json.WriteEndObject();
        }, status);

    private static Task Planned(Exchange x, MembershipAnswer<MembershipPlan> answer, int status) =>
        answer.Value is not { } plan
            ? Refuse(x, answer.IsReady, answer.Sentence)
            : Answer.Json(x, json => MembershipJson.Write(json, plan), status);

    private static Task Refuse(Exchange x, bool isReady, string sentence) => Answer.Text(x, isReady ? 409 : 503, sentence);
}
