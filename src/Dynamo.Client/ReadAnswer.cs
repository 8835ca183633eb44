using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>What a get of a <see cref="DynamoClient"/> brought.</summary>
public sealed class ReadAnswer
{
    private readonly ReadOnlyMemory<byte> _context;

    internal ReadAnswer(Key key, Outcome outcome, Value? merged = null)
    {
        Key = key;
        Outcome = outcome;
        (Siblings, _context) = outcome switch
        {
            Found found => (found.Siblings, found.Context),
            NotFound notFound => ([], notFound.Context),
            _ => (ImmutableArray<Sibling>.Empty, default),
        };
        Merged = merged;
    }

    /// <summary>The key.</summary>
    public Key Key { get; }

    /// <summary>How it ended: Found, NotFound or a failure.</summary>
    public Outcome Outcome { get; }

    /// <summary>The live versions in the order of their dots; none when there is no value or the get failed.</summary>
    public ImmutableArray<Sibling> Siblings { get; }

    /// <summary>What the counter comes to; null when the key is no counter. Meaningless when the get failed.</summary>
    public Int128? Count => Counter.ValueOf(Siblings);

    /// <summary>Whether the get did what it was asked, "there is nothing" included.</summary>
    public bool IsSuccess => Outcome.IsSuccess;

    /// <summary>
    /// What the bucket's <see cref="Resolver"/> made of several siblings; null when it had nothing to do.
    /// </summary>
    public Value? Merged { get; }

    /// <summary>
    /// How the merged value's way back ended; null when it was not asked for or there was nothing to merge.
    /// </summary>
    public Outcome? WrittenBack { get; init; }

    /// <summary>
    /// The one value, merged when there were several and the bucket has a resolver; null when there is none.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are several and no resolver, or the get failed.</exception>
    public Value? Value => Succeeded().Merged ?? Siblings switch
    {
        [] => null,
        [var only] => only.Value,
        _ => throw new InvalidOperationException(
            $"{Key} has {Siblings.Length} siblings and its bucket no resolver; look at Siblings and merge them."),
    };

    /// <summary><see cref="Value"/> read as UTF-8; null when there is none.</summary>
    public string? Text => Value is { } value ? Encoding.UTF8.GetString(value.Body.Span) : null;

    /// <summary>
    /// The token to give back with a put, covering all <see cref="Siblings"/>; empty when nothing is known of the key.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The get failed. A put with an empty token instead would be a blind write, and that should not happen by
    /// accident.
    /// </exception>
    public ReadOnlyMemory<byte> Context => WrittenBack is Stored stored ? stored.Context : Succeeded()._context;

    private ReadAnswer Succeeded() =>
        IsSuccess ? this : throw new InvalidOperationException($"The get of {Key} failed. {Outcome.Sentence}");
}
