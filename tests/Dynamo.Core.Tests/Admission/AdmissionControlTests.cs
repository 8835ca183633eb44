namespace Dynamo.Core.Tests.Admission;

/// <summary>A node takes as many requests as pass its own queues in time. Section 6.5 of the paper, for requests themselves.</summary>
public class AdmissionControlTests
{
    private static readonly Instant Begin = new(1_700_000_000_000_000);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5), Long = TimeSpan.FromMilliseconds(75);
    private static readonly NodeSettings Settings = NodeSettings.Standard;
    private Instant _now = Begin;

    [Fact]
    public void While_requests_pass_quickly_the_limit_is_the_hard_one()
    {
        var control = new AdmissionControl(Settings);
        Feed(control, Short, open: 5_000, windows: 100);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
    }

    [Fact]
    public void One_late_request_puts_the_brake_on_and_the_next_quick_one_takes_it_off()
    {
        var control = new AdmissionControl(Settings);
        control.OnLag(Settings.QueueTarget * 2, 5_000, _now);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
        control.OnLag((Settings.QueueTarget * 2) + TimeSpan.FromMicroseconds(1), 5_000, _now);
        Assert.Equal(Settings.MinRequestsInFlight, control.Limit);
        control.OnLag(Short, 5_000, _now);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
    }

    // Nobody would pass who could take it off again, and the next burst would find it on.
    [Fact]
    public void The_last_of_a_load_leaves_no_brake_behind()
    {
        var control = new AdmissionControl(Settings);
        control.OnLag(Settings.QueueTarget * 3, Settings.MinRequestsInFlight + 1, _now);
        Assert.Equal(Settings.MinRequestsInFlight, control.Limit);
        control.OnLag(Settings.QueueTarget * 3, Settings.MinRequestsInFlight, _now);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
    }

    [Fact]
    public void The_brake_never_widens_the_door()
    {
        var narrow = new AdmissionControl(Settings with { MaxRequestsInFlight = 8 });
        narrow.OnLag(Long * 2, 8, _now);
        Assert.Equal(8, narrow.Limit);
    }

    [Fact]
    public void One_bad_window_is_a_pause_and_two_are_a_load()
    {
        var control = new AdmissionControl(Settings);
        for (var i = 0; i < 20; i++) control.OnLag(Short, 900, _now);
        Feed(control, Long, open: 900, windows: 1);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
        Feed(control, Short, open: 900, windows: 1);
        Feed(control, Long, open: 900, windows: 1);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
        Feed(control, Long, open: 900, windows: 1);
        Assert.Equal(600, control.Limit);
    }

    [Fact]
    public void It_falls_to_the_floor_within_two_seconds_never_below_and_comes_back_by_itself()
    {
        var control = new AdmissionControl(Settings);
        Feed(control, Long, open: 10_000, windows: 20);
        Assert.Equal(Settings.MinRequestsInFlight, control.Limit);
        Feed(control, Long, open: 10, windows: 20);
        Assert.Equal(Settings.MinRequestsInFlight, control.Limit);
        Feed(control, Short, open: 1, windows: 80);
        Assert.Equal(Settings.MaxRequestsInFlight, control.Limit);
    }

    [Fact]
    public void A_tenth_of_slow_requests_is_borne_and_more_is_not()
    {
        foreach (var (slow, falls) in ((int, bool)[])[(10, false), (11, true)])
        {
            var control = new AdmissionControl(Settings);
            for (var window = 0; window < 3; window++)
            {
                for (var i = 0; i < 99; i++) control.OnLag(i < slow ? Long : Short, 100, _now);
                _now += AdmissionControl.Window;
                control.OnLag(Short, 100, _now);
            }

            Assert.Equal(falls, control.Limit < Settings.MaxRequestsInFlight);
        }
    }

    [Fact]
    public void A_hard_limit_below_the_floor_holds()
    {
        var control = new AdmissionControl(Settings with { MaxRequestsInFlight = 8 });
        Feed(control, Long, open: 8, windows: 20);
        Assert.Equal((8, 8), (control.Limit, control.ForwardedLimit));
    }

    [Fact]
    public void Forwarded_requests_pass_up_to_twice_the_limit()
    {
        var control = new AdmissionControl(Settings);
        Assert.Equal(Settings.MaxRequestsInFlight, control.ForwardedLimit);
        Feed(control, Long, open: 10_000, windows: 20);
        Assert.Equal(control.Limit * 2, control.ForwardedLimit);
    }

    /// <summary>A server of a known speed, its queue and the control: what clients get at twice what it can bear.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(5_000)]
    [InlineData(40_000)]
    public void At_twice_the_capacity_accepted_requests_stay_quick_and_the_capacity_is_used(int perSecond)
    {
        var server = new Server(perSecond);
        server.Offer(perSecond / 2, seconds: 5);
        Assert.Equal(0, server.Refused);
        server.Offer(perSecond * 2, seconds: 60);
        var (accepted, refused) = (server.Lags.Order().ToList(), server.Refused);
        Assert.True(accepted[(int)(accepted.Count * 0.999)] < TimeSpan.FromSeconds(1), $"p99.9 is {accepted[(int)(accepted.Count * 0.999)]}");
        Assert.InRange(accepted.Count, perSecond * 60 * 0.95, perSecond * 60 * 1.01);
        Assert.InRange(refused, perSecond * 60 * 0.9, perSecond * 60 * 1.1);
        // What waits when the load falls keeps the brake on for a moment.
        server.Offer(perSecond / 2, seconds: 1);
        Assert.InRange(server.Refused, 0, perSecond / 10);
        server.Offer(perSecond / 2, seconds: 10);
        Assert.Equal(0, server.Refused);
        Assert.True(server.Lags[^1] < TimeSpan.FromMilliseconds(50));
    }

    private void Feed(AdmissionControl control, TimeSpan lag, int open, int windows)
    {
        for (; windows > 0; windows--)
        {
            for (var i = 0; i < 30; i++) control.OnLag(lag, open, _now);
            _now += AdmissionControl.Window;
            control.OnLag(lag, open, _now);
        }
    }

    // First come, first served, a fixed time each.
    private sealed class Server(int perSecond)
    {
        private readonly AdmissionControl _control = new(Settings);
        private readonly Queue<Instant> _queue = new();
        private long _micros = Begin.Microseconds * perSecond;
        private long _done = Begin.Microseconds * perSecond;

        public List<TimeSpan> Lags { get; private set; } = [];

        public int Refused { get; private set; }

        // Time is counted in 1/perSecond of a microsecond, so that no rounding makes it faster or slower.
        public void Offer(int rate, int seconds)
        {
            (Lags, Refused) = ([], 0);
            for (var i = 0L; i < (long)rate * seconds; i++)
            {
                _micros += 1_000_000L * perSecond / rate;
                Serve();
                if (_queue.Count >= _control.Limit)
                {
                    Refused++;
                    continue;
                }

                if (_queue.Count == 0) _done = Math.Max(_done, _micros);
                _queue.Enqueue(new Instant(_micros / perSecond));
            }
        }

        private void Serve()
        {
            while (_queue.Count > 0 && _done + 1_000_000 <= _micros)
            {
                _done += 1_000_000;
                var ended = new Instant(_done / perSecond);
                var lag = ended - _queue.Dequeue();
                Lags.Add(lag);
                _control.OnLag(lag, _queue.Count, ended);
            }
        }
    }
}
