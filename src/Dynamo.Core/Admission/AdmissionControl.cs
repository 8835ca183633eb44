namespace Dynamo.Core;

/// <summary>How many requests a node takes at a time, so that those it takes are answered soon and the others are told at once.</summary>
/// <remarks>
/// <code>
///   limit   10000 |-----.                                   falls by a third while requests wait too long in this node's
///                 |      \                    .---------    own queues, never below the floor, and rises by a tenth while
///                 |       \      .--.    .---'              they do not
///   floor      64 |        '----'    '--'
/// </code>
/// It rises as well where it is not reached: a limit that was right under load would else refuse the next short burst.
/// A judgement comes late, since who is asked for it has waited. Until it has come a brake holds: while the last request to pass had
/// waited for more than twice what it should, nobody is let in above the floor. What waits already keeps the node at work until
/// somebody passes in time again, or no more are open than the floor allows. A burst that comes at once passes, for nobody has waited when it comes.
/// What is judged is the <i>lag</i>: from a request's arrival at the door until this node's own replica has answered it. It is
/// made of this node's queues alone (mailboxes, the store's writer, the processor), so that a slow or dead peer, which a
/// smaller number of requests would not help, does not shut the door. Below the floor nothing is ever refused.
/// Requests that another node forwards were admitted by that node's door and have cost work; they pass up to twice the limit,
/// so that under an even load a fresh request is refused first.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.5 has admission control of background work alone.
/// Differs: the clients' own requests are limited too, since beyond what a cluster can bear every queue only grows.
/// </remarks>
public sealed class AdmissionControl
{
    /// <summary>How often the limit may change.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    // From how many lags one judgement is made, and how many must agree: a pause of the process is one long window, a load that
    // is too much does not end.
    private const int Enough = 20;
    private const int Patience = 2;
    private readonly NodeSettings _settings;
    private Instant _began;
    private int _seen, _slow, _most, _bad;
    private int _limit;
    private bool _isLate;

    /// <summary>A door that is as wide as the settings allow.</summary>
    public AdmissionControl(NodeSettings settings)
    {
        _settings = settings;
        _limit = settings.MaxRequestsInFlight;
    }

    /// <summary>Requests that may be open at a time.</summary>
    public int Limit => _isLate ? Floor : _limit;

    /// <summary>Requests of other nodes' clients that may come on top.</summary>
    public int ForwardedLimit => (int)Math.Min(Limit * 2L, _settings.MaxRequestsInFlight);

    /// <summary>What a client is told whom the door refuses; nothing of its request was begun.</summary>
    /// <param name="self">The node.</param>
    public static Overloaded Refusal(NodeId self) => new(
        $"{self} is overloaded: it has as many requests under way as it can answer in time. Nothing was done; try again in a second.");

    /// <summary>A request has passed this node's own queues.</summary>
    /// <param name="lag">From its arrival until this node's replica had answered, or until it was begun where that has no part in it.</param>
    /// <param name="open">Requests open at that moment.</param>
    /// <param name="now">The time.</param>
    public void OnLag(TimeSpan lag, int open, Instant now)
    {
        _seen++;
        _isLate = lag > _settings.QueueTarget * 2 && open > Floor;
        if (lag > _settings.QueueTarget) _slow++;
        _most = Math.Max(_most, open);
        if (_seen < Enough || now - _began < Window) return;
        // More than a tenth of them waited too long.
        _bad = _slow * 10 > _seen ? _bad + 1 : 0;
        if (_bad >= Patience) _limit = Math.Max(Floor, Math.Min(_limit, _most) * 2 / 3);
        else if (_bad == 0) _limit = (int)Math.Min(_settings.MaxRequestsInFlight, _limit + Math.Max(1L, _limit / 10));
        _began = now;
        _seen = _slow = _most = 0;
    }

    private int Floor => Math.Min(_settings.MinRequestsInFlight, _settings.MaxRequestsInFlight);
}
