namespace Dynamo.Testing.Load;

/// <summary>What came back to a client.</summary>
/// <param name="Succeeded">Whether it did what it was asked; a get that finds nothing has.</param>
/// <param name="Error">What was said instead; null when it succeeded.</param>
/// <param name="Context">The context that came along; empty for none.</param>
/// <param name="Shown">The puts whose values were shown.</param>
/// <param name="Nothing">Whether there was nothing to delete.</param>
public sealed record LoadAnswer(
    bool Succeeded, string? Error, ReadOnlyMemory<byte> Context, IReadOnlyList<long> Shown, bool Nothing = false)
{
    /// <summary>A failure with its sentence.</summary>
    public static LoadAnswer Failed(string sentence) => new(false, sentence, default, []);
}

/// <summary>Where a client sends what it asks: a node over HTTP, or a client library. It never throws for what a fault can do.</summary>
public interface ILoadTarget
{
    /// <summary>The node, from 0; null when the library chooses.</summary>
    int? Node { get; }

    /// <summary>Reads a key.</summary>
    Task<LoadAnswer> Get(string key);

    /// <summary>Writes a number under a key.</summary>
    Task<LoadAnswer> Put(string key, long value, ReadOnlyMemory<byte> context);

    /// <summary>Deletes a key.</summary>
    Task<LoadAnswer> Delete(string key, ReadOnlyMemory<byte> context);
}
