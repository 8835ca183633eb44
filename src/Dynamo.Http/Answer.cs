using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dynamo.Core;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>The ways an exchange is answered.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        IndentSize = 4,
    };

    /// <summary>A status with one sentence.</summary>
    public static Task Text(HttpContext http, int status, string sentence) =>
        Bytes(http, status, "text/plain", Encoding.UTF8.GetBytes(sentence + "\n"));

    /// <inheritdoc cref="Text(HttpContext, int, string)"/>
    public static Task Text(Exchange x, int status, string sentence) => Text(x.Http, status, sentence);

    /// <summary>There is too much to do now: 503, and when to try again.</summary>
    public static Task Overloaded(HttpContext http, string sentence)
    {
        http.Response.Headers.RetryAfter = "1";
        return Text(http, 503, sentence);
    }

    /// <summary>A status without a body.</summary>
    public static Task Empty(Exchange x, int status)
    {
        x.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>A whole body with its length.</summary>
    public static Task Bytes(HttpContext http, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>A JSON document.</summary>
    public static Task Json(Exchange x, Action<Utf8JsonWriter> write, int status = 200) =>
        Bytes(x.Http, status, "application/json", JsonBytes(write));

    /// <summary>A JSON document as bytes.</summary>
    public static ReadOnlyMemory<byte> JsonBytes(Action<Utf8JsonWriter> write, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, indented ? Indented : Plain)) write(writer);
        return buffer.WrittenMemory;
    }

    /// <summary>There is no live value: Riak's text, and what is known of the deletion.</summary>
    public static Task NotFound(Exchange x, NotFound? outcome = null)
    {
        if (outcome is { DeletedAt: not null }) x.Response.Headers["X-Riak-Deleted"] = "true";
        if (outcome is { Context.Length: > 0 }) SetContext(x, outcome.Context);
        return Text(x, 404, "not found");
    }

    /// <summary>Sends a context along.</summary>
    public static void SetContext(Exchange x, ReadOnlyMemory<byte> context)
    {
        if (context.Length > 0) x.Response.Headers["X-Riak-Vclock"] = Convert.ToBase64String(context.Span);
    }

    /// <summary>An outcome that is not what was asked for.</summary>
    public static Task Failure(Exchange x, Outcome outcome) => outcome switch
    {
        NotFound nothing => NotFound(x, nothing),
        Unavailable(var kind, var needed, var got, var maybe) => Text(x, 503, $"{Unsatisfied(kind, needed, got, maybe)}."),
        TimedOut(var kind, var needed, var got, var maybe) =>
            Text(x, 503, $"request timed out: {Unsatisfied(kind, needed, got, maybe)}."),
        Core.Overloaded => Overloaded(x.Http, outcome.Sentence),
        NotReady => Text(x, 503, outcome.Sentence),
        TooLarge => Text(x, 413, outcome.Sentence),
        BadContext or BadRequest => Text(x, 400, outcome.Sentence),
        _ => Text(x, 500, $"The node answered with {outcome.GetType().Name}, which nobody asked for."),
    };

    // Riak's words, which some clients read: "R-value unsatisfied: 1/2" is got/needed.
    private static string Unsatisfied(QuorumKind kind, int needed, int got, bool mayTakeEffect) =>
        $"{kind}-value unsatisfied: {got}/{needed}" + (mayTakeEffect ? "; the write may still take effect" : "");
}
