namespace Dynamo.Core;

/// <summary>What share of its allowed rate background work may take, by what the clients' requests feel at this node.</summary>
/// <remarks>
/// <code>
///   share  1 |------.              .---      halved while requests wait in this node's queues, or its store falls behind;
///            |       \         .--'          a tenth more each quiet window; never below the floor, so that all of it
///      1/20  |        '-------'              comes to its end however long the load lasts
/// </code>
/// Exchanges, transfers, the delivery and rehoming of hints, and reaping ask for it. A node without requests gives them all.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.5: a feedback loop gives background tasks slices of the resource by
/// how foreground operations fare (there: lock contention, disk latencies and timeouts against a threshold).
/// </remarks>
public sealed class BackgroundPace
{
    /// <summary>What is always left to background work.</summary>
    public const double Floor = 0.05;

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
        // More than one in fifty waited: the percentile that people promise each other lies above.
        if (_isBehind || _slow * 50 > _seen) Share = Math.Max(Floor, Share / 2);
        else Share = Math.Min(1, Share + More);
        _began = now;
        _seen = _slow = 0;
        _isBehind = false;
    }
}
