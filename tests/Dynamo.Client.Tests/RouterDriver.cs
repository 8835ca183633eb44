using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>
/// Drives a <see cref="RequestRouter"/> by hand: time stands still until it is moved, nodes answer when told to.
/// </summary>
internal sealed class RouterDriver
{
    public static readonly Key Cart = Key.Of("carts", "alice");
    public static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(1);
    private readonly List<RouterEffect> _effects = [];
    private readonly RequestRouter _router;

    public RouterDriver(
        ResendPolicy resend = ResendPolicy.WithContext, int maxInFlight = 100, bool knowsRing = true, bool coordinateGets = false,
        RequestRouting routing = RequestRouting.Owners)
    {
        var members = Enumerable.Range(1, 5).Select(i => new RingMember(new NodeId($"node{i}")));
        Assert.True(Founding.TryCreate("test", 16, 3, members, out var founding, out _));
        Founding = founding;
        var ring = founding.ToRing();
        Preference = ring.PreferenceList(ring.PartitionOf(Cart), 5);
        _router = new RequestRouter(
            new RouterSettings
            {
                NodeTimeout = NodeTimeout, Resend = resend, MaxInFlight = maxInFlight, CoordinateGets = coordinateGets, Routing = routing,
            });
        if (!knowsRing) return;
        Ring();
        Sent.Clear();
        Asked.Clear();
    }

    public Founding Founding { get; }

    /// <summary>All nodes in the order in which the key prefers them.</summary>
    public ImmutableArray<NodeId> Preference { get; }

    public Instant Now { get; private set; } = new(3_600_000_000);

    /// <summary>What was sent, oldest first.</summary>
    public List<RouterEffect.Send> Sent { get; } = [];

    /// <summary>Nodes that were asked for the ring.</summary>
    public List<NodeId> Asked { get; } = [];

    public int ContactsAsked { get; private set; }

    /// <summary>Outcomes, by what the request was given with.</summary>
    public SortedDictionary<string, Outcome> Ended { get; } = new(StringComparer.Ordinal);

    public int InFlight => _router.InFlight;

    /// <summary>When the router wants to be told the time.</summary>
    public Instant Deadline => _router.Deadline;

    public static GetRequest Read => new(Cart, GetOptions.None);

    public static PutRequest Write(bool context) =>
        new(Cart, context ? new byte[] { 1 } : [], new Value { Body = "milk"u8.ToArray() }, PutOptions.None);

    public static DeleteRequest Remove(bool context) =>
        new(Cart, context ? new byte[] { 1 } : [], PutOptions.None, GetOptions.None);

    public static IncrementRequest Count => new(Cart, 1, PutOptions.None);

    public void Request(ClientRequest request, string name = "it", bool? coordinate = null)
    {
        _router.Request(request, name, Now, _effects, coordinate);
        Collect();
    }

    /// <summary>The node of one sending answers.</summary>
    public void Answer(int sending, Outcome outcome)
    {
        _router.OnOutcome(Sent[sending].To, Sent[sending].Correlation, outcome, Now, _effects);
        Collect();
    }

    /// <summary>A node tells the ring.</summary>
    public void Ring(NodeId from = default, ulong version = 0, Founding? founding = null, params NodeId[] unreachable)
    {
        founding ??= Founding;
        var nodes = founding.Members.Select(m => new RingSnapshot.Node(m.Node, "", !unreachable.Contains(m.Node)));
        Ring(new RingSnapshot(founding, version, [.. nodes], version == 0 ? [] : founding.ToRing().OwnerIndexes), from);
    }

    /// <summary>A node tells a ring.</summary>
    public void Ring(RingSnapshot snapshot, NodeId from = default)
    {
        _router.OnRing(from, snapshot, Now, _effects);
        Collect();
    }

    /// <summary>What nodes are asked for the ring with now.</summary>
    public RingRequest AskForRing() => _router.AskForRing();

    public void RingVersion(ulong version) => _router.OnRingVersion(version, Now);

    /// <summary>
    /// Time goes on; the router is woken exactly when it asks to be. <paramref name="living"/> nodes answer when asked
    /// for the ring.
    /// </summary>
    public void Pass(TimeSpan time, params NodeId[] living)
    {
        var end = Now + time;
        while (_router.Deadline <= end)
        {
            var next = _router.Deadline;
            Now = next > Now ? next : Now;
            var asked = Asked.Count;
            _router.OnTime(Now, _effects);
            Collect();
            Assert.True(_router.Deadline > Now, "Told the time, a router must not ask for the same time again.");
            foreach (var node in Asked.Skip(asked).Where(living.Contains).ToList()) Ring(node);
        }

        Now = end;
    }

    public void Stop()
    {
        _router.Stop(_effects);
        Collect();
    }

    private void Collect()
    {
        foreach (var effect in _effects)
        {
            switch (effect)
            {
                case RouterEffect.Send send:
                    Sent.Add(send);
                    break;
                case RouterEffect.Done done:
                    Assert.True(Ended.TryAdd((string)done.Asker, done.Outcome), "A request ends once.");
                    break;
                case RouterEffect.AskRing ask:
                    Asked.Add(ask.Node);
                    break;
                case RouterEffect.AskContacts:
                    ContactsAsked++;
                    break;
            }
        }

        _effects.Clear();
    }
}
