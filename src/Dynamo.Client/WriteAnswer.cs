using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>What a put, delete or increment of a <see cref="DynamoClient"/> brought.</summary>
/// <param name="Key">The key.</param>
/// <param name="Outcome">How it ended: Stored, NotFound (a delete of nothing) or a failure.</param>
public sealed record WriteAnswer(Key Key, Outcome Outcome)
{
    /// <summary>Whether as many replicas as asked for have acknowledged, or there was nothing to delete.</summary>
    public bool IsSuccess => Outcome.IsSuccess;

    /// <summary>
    /// Whether the write is, or may yet be, in the store: it failed, and some replica may hold it all the same.
    /// </summary>
    public bool MayTakeEffect =>
        IsSuccess || Outcome is TimedOut { MayTakeEffect: true } or Unavailable { MayTakeEffect: true };

    /// <summary>
    /// The live versions after the write when <see cref="PutOptions.ReturnBody"/> asked for them, else none.
    /// </summary>
    public ImmutableArray<Sibling> Siblings => Outcome is Stored stored ? stored.Siblings : [];

    /// <summary>What the counter comes to after an increment that asked for the body; null when that was not asked for.</summary>
    public Int128? Count => Counter.ValueOf(Siblings);

    /// <summary>
    /// Covers the context given and this write; all siblings when they are shown. Good for the next put of the same
    /// writer.
    /// </summary>
    /// <exception cref="InvalidOperationException">The write failed.</exception>
    public ReadOnlyMemory<byte> Context => Outcome switch
    {
        Stored stored => stored.Context,
        NotFound notFound => notFound.Context,
        _ => throw new InvalidOperationException($"The write of {Key} failed. {Outcome.Sentence}"),
    };
}
