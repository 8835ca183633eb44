using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>Counts the requests that clients have under way here, from any thread, and turns away what is too much.</summary>
/// <remarks>
/// The limit is Core's (<see cref="AdmissionControl"/>) as the coordinator last published it. It is asked here, before the
/// coordinator's mailbox: a refusal that waited its turn there would come as late as an answer.
/// </remarks>
internal sealed class Door(NodeWiring wiring)
{
    private readonly Overloaded _refusal = AdmissionControl.Refusal(wiring.Self);
    private int _limit = wiring.Settings.MaxRequestsInFlight;
    private int _open;

    /// <summary>How many may be inside.</summary>
    public int Limit
    {
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Why a request that came now would be turned away, which is counted; null when it would be let in.</summary>
    public Overloaded? Look() => Volatile.Read(ref _open) < Volatile.Read(ref _limit) ? null : Refuse();

    /// <summary>Lets a request in, which must <see cref="Leave"/>; null when it is in, else why it is not.</summary>
    public Overloaded? Enter()
    {
        if (Interlocked.Increment(ref _open) <= Volatile.Read(ref _limit)) return null;
        Leave();
        return Refuse();
    }

    /// <summary>A request that was let in has its outcome.</summary>
    public void Leave() => Interlocked.Decrement(ref _open);

    private Overloaded Refuse()
    {
        wiring.Observe(new Observation.Shed(ShedPlace.Door));
        return _refusal;
    }
}
