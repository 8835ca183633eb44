namespace Dynamo.Core;

/// <summary>What share of its allowed rate background work may take, by what the clients' requests feel at this node.</summary>
/// <remarks>
/// <code>
///   share  1 |--.                  .---      a quarter while clients ask for anything worth mentioning; halved while requests
///        1/4 |  '---.         .--'           wait in this node's queues, or its store falls behind; a tenth more each quiet
///       1/20 |      '--------'               window; never below the floor, so that all of it comes to its end
/// </code>
/// Exchanges, transfers, the delivery and rehoming of hints, and reaping ask for it. A node without requests gives them all.
/// Where requests take a millisecond no queue tells that they take two: so that much is not left to feedback.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.5: a feedback loop gives background tasks slices of the resource by
/// how foreground operations fare (there: lock contention, disk latencies and timeouts against a threshold).
/// </remarks>
public sealed class BackgroundPace
{
    /// <summary>What is always left to background work.</summary>
    public const double Floor = 0.05;

    /// <summary>The most that is left to background work while clients ask this node for more than <see cref="Asked"/> requests a second.</summary>
    public const double WhileAsked = 0.25;

    /// <summary>Requests a second above which a node is said to be asked.</summary>
    public const int Asked = 40;

    /// <summary>How often the share may change.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    private const double More = 0.1;
    private readonly NodeSettings _settings;
    private Instant _began;
    private int _seen, _slow;
    private bool _isBehind;

    /// <summary>A pace that has seen nothing slow yet.</summary>
    public BackgroundPace(NodeSettings settings) => _settings = settings;

    /// <summary>The share of the allowed rate, <see cref="Floor"/>..1.</summary>
    public double Share { get; private set; } = 1;

    /// <summary>When to call <see cref="OnTime"/> although no request has come.</summary>
    public Instant Deadline => Share < 1 ? _began + (Window * 2) : Instant.Never;

    /// <summary>A request of a client has passed this node's own queues; see <see cref="AdmissionControl.OnLag"/>.</summary>
    /// <param name="lag">How long that took.</param>
    /// <param name="backlog">Writes that wait in the store.</param>
    /// <param name="now">The time.</param>
    public void OnLag(TimeSpan lag, int backlog, Instant now)
    {
        _seen++;
        if (lag > _settings.BackgroundTarget) _slow++;
        _isBehind |= backlog > _settings.MaxStoreBacklog / 8;
        if (now - _began >= Window) Judge(now);
    }

    /// <summary>Tells the time: where no requests come, background work has everything.</summary>
    public void OnTime(Instant now)
    {
        while (Share < 1 && now - _began >= Window * 2) Judge(_began + Window);
    }

    private void Judge(Instant now)
    {
        var most = _seen > Asked * Math.Max((now - _began).TotalSeconds, Window.TotalSeconds) ? WhileAsked : 1;
        // More than one in fifty waited: the percentile that people promise each other lies above.
        Share = _isBehind || _slow * 50 > _seen ? Math.Clamp(Share / 2, Floor, most) : Math.Min(most, Share + More);
        _began = now;
        _seen = _slow = 0;
        _isBehind = false;
    }
}
