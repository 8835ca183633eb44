namespace Dynamo.Core.Tests.Admission;

/// <summary>
/// "Background tasks run only when the regular critical operations are not affected significantly": section 6.5 of the paper.
/// </summary>
public class BackgroundPaceTests
{
    private static readonly NodeSettings Settings = NodeSettings.Standard;
    private readonly BackgroundPace _pace = new(Settings);
    private Instant _now = new(1_700_000_000_000_000);

    [Fact]
    public void A_node_without_load_gives_all()
    {
        Assert.Equal((1.0, Instant.Never), (_pace.Share, _pace.Deadline));
        Feed(Settings.BackgroundTarget, backlog: 0, windows: 20);
        Assert.Equal((1.0, Instant.Never), (_pace.Share, _pace.Deadline));
    }

    [Fact]
    public void Slow_requests_halve_it_down_to_the_floor_and_never_to_nothing()
    {
        var last = _pace.Share;
        for (var window = 0; window < 3; window++)
        {
            Feed(Settings.BackgroundTarget * 2, backlog: 0, windows: 1);
            Assert.Equal(last / 2, _pace.Share);
            last = _pace.Share;
        }

        Feed(Settings.BackgroundTarget * 2, backlog: 0, windows: 100);
        Assert.Equal(BackgroundPace.Floor, _pace.Share);
    }

    [Fact]
    public void A_store_that_falls_behind_halves_it_though_requests_are_quick()
    {
        Feed(TimeSpan.Zero, Settings.MaxStoreBacklog / 4, windows: 1);
        Assert.Equal(0.5, _pace.Share);
    }

    [Fact]
    public void Quick_requests_bring_it_back_within_three_seconds()
    {
        Feed(Settings.BackgroundTarget * 2, backlog: 0, windows: 20);
        Feed(Settings.BackgroundTarget / 2, backlog: 0, windows: 10);
        Assert.Equal(1, _pace.Share);
    }

    [Fact]
    public void Where_no_requests_come_any_more_time_alone_brings_it_back()
    {
        Feed(Settings.BackgroundTarget * 2, backlog: 0, windows: 20);
        for (var wakes = 0; _pace.Share < 1; wakes++)
        {
            Assert.InRange(wakes, 0, 20);
            Assert.True(_pace.Deadline > _now && _pace.Deadline < _now + TimeSpan.FromSeconds(1));
            var share = _pace.Share;
            _pace.OnTime(_now);
            Assert.Equal(share, _pace.Share);
            _now = _pace.Deadline;
            _pace.OnTime(_now);
            Assert.True(_pace.Share > share);
        }

        Assert.Equal(Instant.Never, _pace.Deadline);
    }

    [Fact]
    public void One_slow_request_in_fifty_is_borne()
    {
        Feed(TimeSpan.Zero, backlog: 0, windows: 1);
        for (var i = 0; i < 49; i++) _pace.OnLag(TimeSpan.Zero, 0, _now);
        _now += BackgroundPace.Window;
        _pace.OnLag(Settings.BackgroundTarget * 2, 0, _now);
        Assert.Equal(BackgroundPace.WhileAsked, _pace.Share);
    }

    [Theory]
    [InlineData(10, 1)] // A window's worth of 40 a second.
    [InlineData(11, BackgroundPace.WhileAsked)]
    public void While_clients_ask_a_quarter_is_left_however_quick_their_requests_are(int requestsEachWindow, double share)
    {
        Feed(TimeSpan.Zero, backlog: 0, windows: 1);
        for (var window = 0; window < 20; window++)
        {
            for (var i = 1; i < requestsEachWindow; i++) _pace.OnLag(TimeSpan.Zero, 0, _now);
            Feed(TimeSpan.Zero, backlog: 0, windows: 1);
            Assert.Equal(share, _pace.Share);
        }

        // They have gone, and all of it comes back.
        Feed(TimeSpan.Zero, backlog: 0, windows: 10);
        Assert.Equal(1, _pace.Share);
    }

    [Fact]
    public void What_is_asked_after_a_long_silence_is_judged_by_its_rate()
    {
        Feed(TimeSpan.Zero, backlog: 0, windows: 1);
        for (var i = 0; i < 30; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _pace.OnLag(TimeSpan.Zero, 0, _now);
        }

        Assert.Equal(1, _pace.Share);
    }

    private void Feed(TimeSpan lag, int backlog, int windows)
    {
        for (; windows > 0; windows--)
        {
            _now += BackgroundPace.Window;
            _pace.OnLag(lag, backlog, _now);
        }
    }
}
