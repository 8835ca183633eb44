namespace Dynamo.Core.Tests.Failure;

/// <summary>Local failure detection, refined by the cluster's word. Section 4.8.3.</summary>
public class FailureDetectorTests
{
    private static readonly NodeId Self = new("a"), Peer = new("b");
    private static readonly NodeSettings Settings = NodeSettings.Standard with { SuspectAfter = 3 };
    private readonly FailureDetector _detector = new(Self, [Self, Peer], Settings);
    private readonly Effects _effects = new();
    private Instant _now = new(1_000_000);

    [Fact]
    public void Nobody_is_reachable_before_it_has_spoken()
    {
        Assert.False(_detector.IsReachable(Peer));
        Tick();
        Assert.Single(_effects.List.OfType<Effect.Send>(), s => s.To == Peer && s.Message is Ping);
        _detector.OnHeard(Peer, _effects);
        Assert.True(_detector.IsReachable(Peer));
    }

    [Fact]
    public void A_row_of_missed_answers_is_suspicion_and_any_message_is_proof_of_life()
    {
        _detector.OnHeard(Peer, _effects);
        var ticks = 0;
        while (_detector.IsReachable(Peer))
        {
            Tick();
            ticks++;
        }

        // The first interval had a word in it, the second begins with a ping, and then three go unanswered.
        Assert.Equal(1 + 1 + 3, ticks);
        _detector.OnHeard(Peer, _effects);
        Assert.True(_detector.IsReachable(Peer));
    }

    [Fact]
    public void The_clusters_word_alone_does_not_make_a_speaking_peer_unreachable()
    {
        _detector.OnHeard(Peer, _effects);
        _detector.OnClusterVerdict(Peer, reachable: false, _effects);
        Assert.True(_detector.IsReachable(Peer));
        for (var i = 0; i < 10; i++)
        {
            Tick();
            _detector.OnHeard(Peer, _effects);
            Assert.True(_detector.IsReachable(Peer));
        }
    }

    [Fact]
    public void The_clusters_word_speeds_up_a_verdict_for_which_there_is_own_evidence()
    {
        _detector.OnHeard(Peer, _effects);
        _detector.OnClusterVerdict(Peer, reachable: false, _effects);
        Tick();
        Tick();
        Assert.True(_detector.IsReachable(Peer));
        Tick();
        Assert.False(_detector.IsReachable(Peer));
        _detector.OnClusterVerdict(Peer, reachable: true, _effects);
        Assert.True(_detector.IsReachable(Peer));
    }

    [Fact]
    public void Spurious_calls_and_strangers_change_nothing()
    {
        _detector.OnHeard(new NodeId("stranger"), _effects);
        _detector.OnClusterVerdict(new NodeId("stranger"), true, _effects);
        Assert.False(_detector.IsReachable(new NodeId("stranger")));
        Tick();
        var sent = _effects.List.Count;
        _detector.OnTime(_now, _effects);
        Assert.Equal(sent, _effects.List.Count);
    }

    [Fact]
    public void A_large_ring_is_pinged_in_turns_and_nobody_is_forgotten()
    {
        var members = Enumerable.Range(0, 200).Select(i => new NodeId($"n{i:000}")).ToArray();
        var detector = new FailureDetector(members[0], members, Settings);
        var pinged = new HashSet<NodeId>();
        for (var tick = 0; tick < 7; tick++)
        {
            _effects.Clear();
            detector.OnTime(_now += Settings.PingEvery, _effects);
            var sends = _effects.List.OfType<Effect.Send>().ToArray();
            Assert.InRange(sends.Length, 1, FailureDetector.MaxPingsPerInterval);
            foreach (var send in sends) pinged.Add(send.To);
        }

        Assert.Equal(199, pinged.Count);
    }

    private void Tick()
    {
        _effects.Clear();
        _detector.OnTime(_now += Settings.PingEvery, _effects);
    }
}
