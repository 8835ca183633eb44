namespace Dynamo.Client;

/// <summary>
/// Which puts a client sends to another node when the first one stays silent, so that nobody knows whether they took
/// effect.
/// </summary>
/// <remarks>
/// A put that is sent twice may be written twice, as two siblings of the same value: each writing has a dot of its own.
/// Nothing newer is overwritten by it, but a value that somebody has replaced between the two comes back as a sibling
/// [S4.4], and in a last-write-wins bucket the second writing may win over a put that came between. Whoever gives a
/// context reads before he writes, and clears up when he reads again; blind puts that nobody reads would pile up. So
/// blind puts are not sent twice unless asked for. A put that a node <i>refused</i> goes to the next one in any case:
/// nothing was written. A delete without a context is never sent twice: it covers whatever it finds when it arrives.
/// Nor is an increment, under any policy: it would count twice.
/// </remarks>
public enum ResendPolicy
{
    /// <summary>Puts and deletes that bear a context.</summary>
    WithContext,

    /// <summary>None: silence ends as <see cref="Core.TimedOut"/> with <c>MayTakeEffect</c>.</summary>
    Never,

    /// <summary>All puts, blind ones too; for values that are the same however often they are written.</summary>
    Always,
}
