using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;
using Xunit.Sdk;

namespace Dynamo.MultiNode.TestKit;

/// <content>Requests at this process's node.</content>
public abstract partial class PartitionSpec<TConfig>
{
    /// <summary>Carries out a request, however it ends.</summary>
    protected Outcome Execute(ClientRequest request) => Wait(Dynamo.Execute(request));

    /// <summary>Reads a key, however it ends.</summary>
    protected Outcome Get(Key key, GetOptions? options = null) => Execute(new GetRequest(key, options ?? GetOptions.None));

    /// <summary>
    /// The token that a put of this key must give to replace what is there; empty when nothing is known of the key.
    /// </summary>
    protected ReadOnlyMemory<byte> ContextOf(Key key, GetOptions? options = null) => Get(key, options) switch
    {
        Found found => found.Context,
        NotFound none => none.Context,
        var failure => throw Failed(key, "got", failure),
    };

    /// <summary>Writes a text, which must succeed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">The value; it is stored in UTF-8.</param>
    /// <param name="context">See <see cref="ContextOf"/>; empty for a blind write.</param>
    /// <param name="options">Overrides of the bucket's properties.</param>
    protected void Put(Key key, string text, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        Succeed(new PutRequest(
            key, context, new Value { Body = Encoding.UTF8.GetBytes(text) }, options ?? PutOptions.None), key);

    /// <summary>Deletes a key as the node reads it now, which must succeed.</summary>
    protected void Delete(Key key, PutOptions? options = null) =>
        Succeed(new DeleteRequest(key, default, options ?? PutOptions.None, GetOptions.None), key);

    /// <summary>Adds to a counter, which must succeed.</summary>
    protected void Increment(Key key, long delta, PutOptions? options = null) =>
        Succeed(new IncrementRequest(key, delta, options ?? PutOptions.None), key);

    /// <summary>Options of a write that asks for so many replicas.</summary>
    protected static PutOptions W(int replicas) => new() { W = QuorumSize.Of(replicas) };

    /// <summary>Options of a read that asks for so many replicas.</summary>
    protected static GetOptions R(int replicas) => new() { R = QuorumSize.Of(replicas) };

    /// <summary>The live values of an outcome as texts, sorted; none when it found nothing or failed.</summary>
    protected static IEnumerable<string> Texts(Outcome outcome) => outcome is Found found ? Texts(found.Siblings) : [];

    /// <summary>The live values as texts, sorted.</summary>
    protected static IEnumerable<string> Texts(ImmutableArray<Sibling> siblings) => siblings
        .Where(static s => !s.IsTombstone)
        .Select(static s => Encoding.UTF8.GetString(s.Value!.Body.Span))
        .Order(StringComparer.Ordinal);

    private void Succeed(ClientRequest request, Key key)
    {
        if (Execute(request) is var outcome and not Stored) throw Failed(key, "wrote", outcome);
    }

    private XunitException Failed(Key key, string verb, Outcome outcome) =>
        new XunitException($"{Dynamo.Self} {verb} {key}: {outcome.Sentence}");
}
