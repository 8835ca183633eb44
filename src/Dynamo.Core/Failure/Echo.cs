namespace Dynamo.Core;

/// <summary>Notices that a peer which can be heard does not hear this node, so that the link to it can be made anew.</summary>
/// <remarks>
/// A transport can go deaf in one direction: its connection stands, its heartbeats pass, and what is sent over it
/// reaches nobody. The sender sees nothing of it; only the peer knows, and says so whenever it greets.
/// </remarks>
/// <param name="patience">How long the peer must go on saying so before the link is given up; longer than a restart takes.</param>
public sealed class Echo(TimeSpan patience)
{
    private Instant? _deafSince;

    /// <summary>Takes what the peer says; true when the link to it should be made anew, and then not again for as long.</summary>
    /// <param name="hearsUs">Whether it has heard this node lately.</param>
    /// <param name="now">The time.</param>
    public bool OnGreeting(bool hearsUs, Instant now)
    {
        if (hearsUs)
        {
            _deafSince = null;
            return false;
        }

        _deafSince ??= now;
        if (now - _deafSince.Value < patience) return false;
        _deafSince = now;
        return true;
    }
}
