using System.Collections.Immutable;

namespace Dynamo.Core;

// What follows from the history and from what everybody has said: the rings, the next step, and who takes part.
public sealed partial class Membership
{
    // Whoever has a part in the present ring or in one that is coming, but for the dead.
    private IEnumerable<NodeId> Parts => PartsOf(State);

    private IEnumerable<NodeId> PartsOf(RingState state) =>
        MembersOf(History.Fold().Versions[state.Settled.Number..]).Union(state.Leaving).Where(node => !state.Gone.Contains(node)).Order();

    private static IEnumerable<NodeId> MembersOf(ImmutableArray<RingVersion> versions) =>
        versions.SelectMany(static version => version.Members.Select(static m => m.Node)).Distinct().Order();

    private bool TakesPart(NodeId node) => Parts.Contains(node);

    // One that is in no ring that it knows of, or knows of the first members alone, learns from anybody: they may all have gone.
    private bool ListensTo(NodeId node) => TakesPart(node) || History.Commits.IsEmpty || !TakesPart(_self);

    // The union, as long as every ring stands that somebody reads by. One falls when a commit comes to stand below it that its
    // readers never heard of: its author died, or lost his disk, when he had told only nodes on which nothing depended. Such commits
    // are nobody's: members refuse them, and who has them gives them up when it hears how far the members have come.
    private MembershipHistory Together(MembershipHistory theirs)
    {
        var union = History.Merge(theirs);
        if (!Fells(union)) return union;
        if (Fells(theirs)) return History;
        var last = theirs.Fold().Steps.Last(step => step.IsEffective && IsReadBy(step.After.Digest)).Commit;
        var kept = theirs;
        foreach (var commit in History.Commits)
            if (commit.CompareTo(last) > 0) kept = kept.Add(commit);
        return kept;

        bool Fells(MembershipHistory history) => _standings.Values.Append(_mine)
            .SelectMany(static standing => (ulong[])[standing.Switched, standing.Settled])
            .Any(digest => digest != 0 && history.Fold().Find(digest) is null
                && (History.Fold().Find(digest) is not null || theirs.Fold().Find(digest) is not null));
    }

    // The only word of a stranger that a member takes: a commit made here, after all others, by a member who has told only the node
    // that it lets in.
    private bool IsUnheard(MembershipHistory theirs)
    {
        var count = History.Commits.Length;
        return theirs.Commits.Length > count && theirs.Commits[..count].SequenceEqual(History.Commits)
            && theirs.Commits[count..].All(commit => TakesPart(commit.Author));
    }

    // What a node that was to join has heard of an author who is gone, when all members work without it: they know nothing of it, and
    // would not take it of a stranger.
    private MembershipHistory WithoutOrphans(MembershipHistory history)
    {
        // A member hears gossip each second, and has nothing to look for.
        if (State.Settled.HasMember(_self)) return history;
        var ledger = new MembershipLedger(history, _standings);
        var settled = _standings.Values.Max(standing => ledger.IndexOf(standing.Settled));
        var version = ledger.Versions[settled];
        if (settled == 0 || version.HasMember(_self)
            || !version.Members.All(member => _standings.GetValueOrDefault(member.Node) is { } standing
                && standing.Settled == version.Digest && standing.Acked == version.Digest)) return history;
        var last = history.Fold().Steps.Last(step => step.IsEffective && step.After.Digest == version.Digest).Commit;
        var orphans = history.Commits.Where(commit => commit.CompareTo(last) > 0).ToList();
        var leaving = ledger.LeavingAt(settled);
        if (orphans.Count == 0 || orphans.Exists(commit => version.HasMember(commit.Author) || leaving.Contains(commit.Author)))
            return history;
        return history.Commits[..^orphans.Count].Aggregate(
            MembershipHistory.Of(history.Founding), static (kept, commit) => kept.Add(commit));
    }

    private bool IsReadBy(ulong digest) => _standings.Values.Append(_mine).Any(s => s.Switched == digest || s.Settled == digest);

    // Takes every step that what is known allows. True when the rings to work by have changed.
    private bool GoOn(Effects effects)
    {
        var before = State;
        State = Look();
        var (fold, settled) = (History.Fold(), State.Settled.Number);
        if (State.IsOver && !_startsOver)
        {
            _startsOver = true;
            effects.StartOver([new StoreChange.PutCell(Cell, Bytes()), _stay.Next(fold, settled)]);
        }

        // Of whoever takes no part nothing is waited for; and what it said would be believed when it joins again.
        if (State.HasDeparted) return IsAnother(before);
        if (TakesPart(_self) && _stay.Begin(fold, settled) is { } stay) Note(stay, effects);
        var ledger = new MembershipLedger(History, _standings);
        var nVals = _standings.Values.Aggregate(_mine.NVals | NVals(), static (all, standing) => all | standing.NVals);
        var mine = _mine with
        {
            Settled = DigestOf(State.Settled), NVals = nVals,
            // What was confirmed did not speak of the replicas that another n_val asks for.
            Confirmed = _mine.NVals.Covers(nVals) ? _mine.Confirmed : 0,
        };
        var lostAt = ledger.LostAt(_self, settled);
        var holds = State.Leaving.Contains(_self);
        if (!holds) mine = mine with { Acked = DigestOf(State.Next ?? State.Settled) };
        else if (State.IsSealed && _store.HintOwners().Count == 0 && _store.Partitions().Count == 0)
            mine = mine with { Departed = ledger.Versions[lostAt].Digest };
        if (State is { Next: { } next, MayTransfer: true })
        {
            if (_held?.Digest == next.Digest && _held.NVals.Covers(nVals)) mine = mine with { Confirmed = next.Digest };
            if (ledger.Gainers(next.Number, nVals).All(node => ledger.HasConfirmed(node, next.Number, nVals)))
                mine = mine with { Switched = next.Digest };
        }

        if (mine != _mine)
        {
            _mine = mine with { Stamp = _mine.Stamp + 1 };
            State = Look();
            Persist(effects);
        }

        return IsAnother(before);
    }

    // A list is equal to none but itself, and a view that is refreshed without need holds up whoever waits for a time.
    private bool IsAnother(RingState before)
    {
        if (State.Gone.SequenceEqual(before.Gone)) State = State with { Gone = before.Gone };
        if (State.Leaving.SequenceEqual(before.Leaving)) State = State with { Leaving = before.Leaving };
        if (State.Newcomers.SequenceEqual(before.Newcomers)) State = State with { Newcomers = before.Newcomers };
        return State != before;
    }

    private static ulong DigestOf(RingVersion version) => version.Number == 0 ? 0 : version.Digest;

    private RingState Look()
    {
        var ledger = new MembershipLedger(History, _standings);
        var settled = ledger.IndexOf(_mine.Settled);
        // Whoever works by a ring alone has heard that all its participants read by it; a newcomer need not ask again, ring by ring.
        foreach (var standing in _standings.Values) settled = Math.Max(settled, ledger.IndexOf(standing.Settled));
        while (settled + 1 < ledger.Versions.Length && ledger.Participants(settled + 1).All(node => ledger.HasSwitched(node, settled + 1)))
            settled++;
        var version = settled + 1;
        var next = version < ledger.Versions.Length ? ledger.Versions[version] : null;
        var gone = next is null ? [] : ledger.GoneWith(version);
        var leaving = ledger.LeavingAt(settled);
        var lostAt = ledger.LostAt(_self, settled);
        var mayReturn = next?.HasMember(_self) == true && !leaving.Contains(_self);
        var state = new RingState(
            ledger.Versions[settled], next,
            ReadsNext: next is not null && ledger.IndexOf(_mine.Switched) >= version,
            MayTransfer: next is not null && ledger.Participants(version).All(node => ledger.HasAcked(node, version)),
            gone, leaving,
            IsSealed: lostAt > 0 && !mayReturn && ledger.Versions[settled].Members.All(
                member => gone.Contains(member.Node) || ledger.HasSettled(member.Node, lostAt)),
            _mine.Stamp, _mine.NVals);
        var takesPart = PartsOf(state).Contains(_self);
        // Who comes back as soon as it has left hands over first what it had before.
        var isOver = takesPart && !leaving.Contains(_self) && _stay.IsOver(History.Fold(), settled);
        return state with
        {
            Newcomers = [.. PartsOf(state).Where(node => !state.Settled.HasMember(node) && !leaving.Contains(node)
                && !ledger.HasAcked(node, ledger.NextWith(node, settled)))],
            IsOver = isOver,
            IsAsking = !_hasHeard && !_hasAskedInVain && PartsOf(state).Any(node => node != _self),
            TakesPart = takesPart && !isOver,
            HasDeparted = isOver || (!takesPart && (History.Fold().Knows(_self) || _stay.Begun != 0)),
            Absence = isOver ? $"{_self} joins the cluster anew, and first drops what it held before it had gone."
                : takesPart && (state.ReadsNext ? state.Next! : state.Settled).HasMember(_self) ? ""
                : WhyAbsent(takesPart),
        };
    }

    private string WhyAbsent(bool takesPart) => History.Fold().LatestOf(_self) switch
    {
        MembershipChange.Join => $"{_self} is joining the cluster: it takes requests when it holds what it gains.",
        MembershipChange.Replace replace when replace.New == _self =>
            $"{_self} is taking the place of {replace.Old}: it takes requests when it holds what it gains.",
        _ when takesPart => $"{_self} is leaving the cluster.",
        MembershipChange.Leave => $"{_self} is no member of the cluster any more: it has left.",
        MembershipChange.Remove => $"{_self} is no member of the cluster any more: it was removed.",
        MembershipChange.Replace replace when replace.Old == _self =>
            $"{_self} is no member of the cluster any more: {replace.New} has taken its place.",
        _ => $"{_self} is no member of the cluster.",
    };
}
