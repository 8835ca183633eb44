using Dynamo.Core;

namespace Dynamo.Client;

/// <content>Gets that the client coordinates itself, by asking the owners what they hold.</content>
internal sealed partial class RequestRouter
{
    // The first owner shows the value however large it is, the others only when it costs next to nothing.
    private const int ShownByAll = 1024;

    private const int MaxRememberedBuckets = 1000;
    private readonly Dictionary<ulong, OwnersGet> _gets = [];
    private readonly Dictionary<string, int> _nVals = new(StringComparer.Ordinal);
    private readonly HashSet<Key> _repairs = [];
    private Instant _nodesCoordinateUntil;
    private int _openGets;

    // False when a node must coordinate it: the ring is not known, an owner cannot be reached (then fallbacks have a say), or
    // owners have refused lately.
    private bool TryOwners(GetRequest get, object asker, Instant now, Instant deadline, List<RouterEffect> effects)
    {
        if (_nodes is null || now < _nodesCoordinateUntil) return false;
        Span<int> list = stackalloc int[Math.Min(_nodes.Count, NValOf(get.Key.Bucket))];
        list = list[.._nodes.PreferenceList(get.Key, list)];
        // With one owner there is nobody to agree with, and asking it to coordinate is as short a way.
        if (list.Length < 2) return false;
        foreach (var index in list)
            if (!_nodes.HealthOf(index).IsGood) return false;

        var owners = new NodeId[list.Length];
        for (var i = 0; i < owners.Length; i++) owners[i] = _nodes.NodeAt(list[i]);
        var asked = new OwnersGet(++_nextId, get, owners, now, deadline, asker);
        _gets.Add(asked.Id, asked);
        _openGets++;
        var others = new OwnerReadRequest(get.Key, _nodes.Version, ShownByAll, get.Options);
        for (var i = 0; i < owners.Length; i++)
            effects.Add(new RouterEffect.Send(
                owners[i], (asked.Id << RoutedRequest.AttemptBits) | (uint)i, i == 0 ? others with { ShowUpTo = int.MaxValue } : others));
        LookAgain(asked, now + (Shorter(_settings.NodeTimeout, deadline - now) / 2));
        return true;
    }

    private void OnOwner(OwnersGet get, ulong correlation, Outcome word, Instant now, List<RouterEffect> effects)
    {
        var owner = (int)(correlation & ((1 << RoutedRequest.AttemptBits) - 1));
        var wasStale = get.Agreement.IsStale;
        get.Agreement.On(owner, word);
        if (word is OwnerRead read)
        {
            if (get.First.IsNone) get.First = get.Owners[owner];
            if (read.Quorum.N != get.Owners.Length) Remember(get.Request.Key.Bucket, read.Quorum.N);
        }
        else if (word is NotReady or Overloaded)
        {
            // The ring is on its way round, or there is more than enough to do: for a while it would only cost a round trip more.
            _nodesCoordinateUntil = now + _settings.NodeTimeout;
        }

        if (!get.IsOver && get.Agreement.State == Agreement.Reached) Answer(get, get.Agreement.Answer!, effects);
        else if (!get.IsOver && get.Agreement.State == Agreement.Failed) HandOver(get, now, effects);
        if (!wasStale && get.Agreement.IsStale) Repair(get.Request.Key, now, effects);
        if (!get.Agreement.IsComplete) return;
        _gets.Remove(get.Id);
        ForgetWakes();
    }

    private void LookAt(OwnersGet get, Instant now, List<RouterEffect> effects)
    {
        for (var i = 0; i < get.Owners.Length; i++)
        {
            if (get.Agreement.HasSpoken(i) || _nodes?.Find(get.Owners[i]) is not { } health) continue;
            var quiet = now - (health.Heard > get.Sent ? health.Heard : get.Sent);
            if (quiet >= _settings.NodeTimeout) Suspect(get.Owners[i], now);
            else if (quiet >= _settings.NodeTimeout / 2) Ping(get.Owners[i], now, effects);
        }

        if (!get.IsOver && now >= get.Deadline) Answer(get, TimeUp(get), effects);
        else if (!get.IsOver) HandOver(get, now, effects);
        if (now - get.Sent >= _settings.NodeTimeout) _gets.Remove(get.Id);
        else LookAgain(get, get.Sent + _settings.NodeTimeout);
    }

    // A node coordinates it, best one that has just shown that it lives; it merges, finds fallbacks, and repairs.
    private void HandOver(OwnersGet get, Instant now, List<RouterEffect> effects)
    {
        Close(get);
        Route(get.Request, get.Request.Key, get.Asker, get.Deadline, now, effects, get.First);
    }

    private void Answer(OwnersGet get, Outcome outcome, List<RouterEffect> effects)
    {
        Close(get);
        effects.Add(new RouterEffect.Done(get.Asker, outcome));
    }

    // Who is late is listened to, but not by more gets than may be under way.
    private void Close(OwnersGet get)
    {
        get.IsOver = true;
        get.Agreement.LetGo();
        _openGets--;
        if (_gets.Count - _openGets > _settings.MaxInFlight) _gets.Remove(get.Id);
    }

    // Read repair: a get that a node coordinates and nobody waits for. The node merges what the owners hold and sends it to those that lack
    // something; a client has no authority to write what it has read.
    private void Repair(Key key, Instant now, List<RouterEffect> effects)
    {
        if (InFlight >= _settings.MaxInFlight / 2 || !_repairs.Add(key)) return;
        Route(new GetRequest(key, GetOptions.None), key, new RepairOf(key), now + _settings.Timeout, now, effects);
    }

    private int NValOf(string bucket) => _nVals.TryGetValue(bucket, out var n) ? n : _nodes!.Founding.TargetNVal;

    // A wrong memory costs a round trip, so forgetting all of it now and then is no harm.
    private void Remember(string bucket, int n)
    {
        if (_nVals.Count >= MaxRememberedBuckets) _nVals.Clear();
        _nVals[bucket] = n;
    }

    private void LookAgain(OwnersGet get, Instant at)
    {
        get.NextLook = at;
        _wakes.Enqueue(get.Id, at);
    }

    private static TimedOut TimeUp(OwnersGet get)
    {
        var r = get.Agreement.Quorum?.R ?? get.Request.Options.R.Resolve(get.Owners.Length);
        return new TimedOut(QuorumKind.R, r, get.Agreement.Agreeing);
    }

    private static TimeSpan Shorter(TimeSpan x, TimeSpan y) => x < y ? x : y;

    // Who asks for a repair: nobody hears how it ended.
    private sealed record RepairOf(Key Key);
}
