namespace Dynamo.Core;

/// <summary>What a reader has seen of a key, handed out by a get and given back with a put.</summary>
/// <param name="Vector">The dots seen: a put with this context replaces exactly the siblings they name.</param>
/// <param name="FastestReplica">
/// The replica that answered the read fastest, a hint for choosing the put's coordinator; <c>default</c> for none.
/// Not part of causality. Source: DeCandia et al., Dynamo (SOSP 2007), section 6.4.
/// </param>
/// <param name="Timestamp">
/// The highest timestamp among the versions seen, 0 for none: a write with this context takes a later one, whatever the
/// clock of its coordinator says. Not part of causality; only last-write-wins reads it.
/// </param>
public sealed record CausalContext(VersionVector Vector, NodeId FastestReplica = default, long Timestamp = 0)
{
    /// <summary>The context of somebody who has read nothing.</summary>
    public static readonly CausalContext Empty = new(VersionVector.Empty);
}
