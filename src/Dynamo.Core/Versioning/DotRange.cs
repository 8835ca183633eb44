namespace Dynamo.Core;

/// <summary>The dots (Replica, First) to (Replica, Last), both included.</summary>
/// <param name="Replica">The store generation.</param>
/// <param name="First">1 or more.</param>
/// <param name="Last">At least <paramref name="First"/>.</param>
public readonly record struct DotRange(ReplicaId Replica, ulong First, ulong Last)
{
    /// <summary>The range of one dot.</summary>
    public static DotRange Of(Dot dot) => new(dot.Replica, dot.Counter, dot.Counter);

    /// <inheritdoc/>
    public override string ToString() =>
        First == Last ? $"({Replica},{Last})" : $"({Replica},{First}..{Last})";
}
