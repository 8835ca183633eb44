namespace Dynamo.Core;

/// <summary>
/// How fast hints may leave for one owner: in small portions, never faster than the limit, and slower while the owner's answers are slow.
/// </summary>
/// <remarks>
/// <code>
///   all at once   ||||||||||||||||||||                    ||||||||||||||||||||     the owner's clients wait behind them
///   one by one    | | | | | | | | | | | | | | | | | | | | | | | | | | | | | |      each has a frame, a wake-up and a sync of its own, at either end
///   in portions   ||||    ||||    ||||    ||||    ||||    ||||    ||||    ||||     same rate, fewer syncs, and room in between
///                 0                                        1 s
/// </code>
/// A delivery begins at a slow pace, at which hints hardly weigh on the owner: what its acknowledgements take then is what
/// they take without us. While they take hardly more the pace quickens; when they take a fifth more, it slows; and back at
/// the slow pace it is measured anew: an owner that has become slow for another reason is not spared for ever.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.5, where background tasks yield to foreground operations by feedback.
/// Differs: the paper's controller watches the disk of its own node; a hint weighs on another one, whose answers tell.
/// </remarks>
internal sealed class HandoffPace
{
    // Answers from which one judgement is made. Those of one sync come together, so that it takes many syncs to tell a
    // fifth more from chance.
    private const int Round = 64;

    // The most that leave together: more would be a burst that clients wait behind.
    private const int MostTogether = 8;

    // A slow pace that hurts nobody even where the limit is low.
    private const int AlwaysAllowed = 100;

    // Hints that leave together: what falls due in this time, which is not more than may be caught up. Fewer would each be synced by themselves.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(20);

    // How much a late timer may catch up. Runtimes wake late by 10 ms and more, and must still reach the limit.
    private static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(20);
    private readonly int _most, _least;
    private readonly Func<double> _share;
    private Instant _due;
    private TimeSpan _undisturbed;
    private TimeSpan _sum;
    private int _answers;

    /// <summary>A pace that has not begun.</summary>
    /// <param name="perSecond">The limit, 1..1,000,000.</param>
    /// <param name="share">What share of the limit this node's own requests leave; all of it when null.</param>
    public HandoffPace(int perSecond, Func<double>? share = null)
    {
        _share = share ?? (static () => 1);
        _most = perSecond;
        _least = Math.Min(perSecond, Math.Max(AlwaysAllowed, perSecond / 8));
        PerSecond = _least;
    }

    /// <summary>Hints per second at present, as far as the owner is concerned.</summary>
    public int PerSecond { get; private set; }

    private int Rate => Math.Max(1, Math.Min(PerSecond, (int)(_most * _share())));

    /// <summary>When the next hints may leave.</summary>
    public Instant Next => _due + Time(Portion - 1);

    private int Portion => (int)Math.Clamp(Rate * Together.Ticks / TimeSpan.TicksPerSecond, 1, MostTogether);

    /// <summary>How many hints may leave now.</summary>
    public int Allowed(Instant now) => now < Next ? 0
        : 1 + (int)((now - Earliest(now)).Ticks * Rate / TimeSpan.TicksPerSecond);

    /// <summary>Begins again at the slow pace: the owner was away, silent or refused.</summary>
    public void Restart()
    {
        PerSecond = _least;
        _sum = default;
        _answers = 0;
    }

    /// <summary>Hints have left.</summary>
    public void OnSent(int count, Instant now) => _due = Earliest(now) + Time(count);

    /// <summary>The owner has acknowledged a hint, <paramref name="took"/> after it left.</summary>
    public void OnAcknowledged(TimeSpan took)
    {
        _sum += took;
        if (++_answers < Round) return;
        var mean = _sum / _answers;
        _sum = default;
        _answers = 0;
        if (PerSecond == _least) _undisturbed = mean;
        if (mean > _undisturbed * 1.2) PerSecond = Math.Max(_least, PerSecond * 3 / 4);
        else PerSecond = Math.Min(_most, PerSecond + _least);
    }

    private Instant Earliest(Instant now) => now - _due > CatchUp ? now + -CatchUp : _due;

    private TimeSpan Time(int hints) => TimeSpan.FromTicks(hints * TimeSpan.TicksPerSecond / Rate);
}
