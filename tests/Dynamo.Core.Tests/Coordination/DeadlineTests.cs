using System.Collections.Immutable;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>When a coordinator wants to be told the time.</summary>
public sealed class DeadlineTests
{
    private static readonly NodeId A = new("a"), B = new("b"), C = new("c");
    private static readonly NodeSettings Settings = NodeSettings.Standard;
    private readonly Effects _effects = new();
    private readonly Coordinator _coordinator = new(A, Settings, new ContextCodec("key"u8), 1);
    private Instant _now = new(1_000_000);

    public DeadlineTests()
    {
        Assert.True(Founding.TryCreate("test", 8, 3, [new RingMember(A), new RingMember(B), new RingMember(C)], out var founding, out _));
        _coordinator.OnView(
            new ClusterView(A, founding.ToRing(), static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty), _now, _effects);
    }

    [Fact]
    public void Nobody_is_woken_for_a_request_that_has_ended()
    {
        Assert.Equal(Instant.Never, _coordinator.Deadline);
        var first = Get("first");
        var due = _now + Settings.ReplicaTimeout;
        Assert.Equal(due, _coordinator.Deadline);
        _now += TimeSpan.FromMilliseconds(100);
        var second = Get("second");
        Assert.Equal(due, _coordinator.Deadline);
        // The later one ends first, and what is due first is due still.
        AllAnswer(second);
        Assert.Equal(due, _coordinator.Deadline);
        AllAnswer(first);
        Assert.Equal(0, _coordinator.InFlight);
        Assert.Equal(Instant.Never, _coordinator.Deadline);
    }

    [Fact]
    public void Who_is_silent_is_waited_for_although_others_have_ended()
    {
        var first = Get("first");
        _now += TimeSpan.FromMilliseconds(100);
        Get("second");
        AllAnswer(first);
        Assert.Equal(_now + Settings.ReplicaTimeout, _coordinator.Deadline);
    }

    private RequestId Get(string key) => _coordinator.Request(new GetRequest(Key.Of("b", key), GetOptions.None), _now, _effects);

    private void AllAnswer(RequestId get)
    {
        foreach (var node in (NodeId[])[A, B, C])
            _coordinator.OnMessage(node, new ReplicaGetReply(get, StoreReadStatus.Missing, Core.Record.Empty), _now, _effects);
    }
}
