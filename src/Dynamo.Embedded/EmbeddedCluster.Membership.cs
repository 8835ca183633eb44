using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;

namespace Dynamo.Embedded;

// Nodes come and go. Sections 4.8 and 4.9 of the paper.
public sealed partial class EmbeddedCluster
{
    private static readonly TimeSpan SettleLook = TimeSpan.FromMilliseconds(20);
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>
    /// Starts a node that is no member yet, serving HTTP on the next port when the others do, and lets it join: from then on it
    /// takes its share while the cluster serves as before. <see cref="WhenSettled"/> says when it has.
    /// </summary>
    /// <param name="name">The new node, 1..64 letters, digits, '-', '_' or '.'. One that has left or was removed may come back; what it still holds is dropped first.</param>
    /// <param name="weight">Its capacity relative to the others, 1..1024.</param>
    /// <param name="zone">Its failure domain; empty when zones are not used.</param>
    /// <exception cref="EmbeddedChangeException">It is refused; one sentence says why.</exception>
    public Task Join(string name, int weight = 1, string zone = "") =>
        Change(at => new MembershipChange.Join(new RingMember(Named(name), weight, zone), at));

    /// <summary>
    /// Lets a member hand everything over and go. When that is settled it still runs, refuses requests, and may be killed.
    /// </summary>
    /// <exception cref="EmbeddedChangeException">It is refused; one sentence says why.</exception>
    public Task Leave(string name) => Change(at => new MembershipChange.Leave(Named(name), at));

    /// <summary>Removes a member that is dead; its replicas come from the other owners.</summary>
    /// <param name="name">The member.</param>
    /// <param name="force">Whether to remove it though it can be reached: what only it holds is lost then.</param>
    /// <exception cref="EmbeddedChangeException">It is refused; one sentence says why.</exception>
    public Task Remove(string name, bool force = false) =>
        Change(at => new MembershipChange.Remove(Named(name), at), Named(name), force);

    /// <summary>Starts a new node that takes exactly the partitions, the weight and the zone of a member, alive or dead.</summary>
    /// <exception cref="EmbeddedChangeException">It is refused; one sentence says why.</exception>
    public Task Replace(string old, string by) =>
        Change(at => new MembershipChange.Replace(Named(old), Named(by), at), Named(old));

    /// <summary>Gives a member another weight, and with it another share.</summary>
    /// <exception cref="EmbeddedChangeException">It is refused; one sentence says why.</exception>
    public Task SetWeight(string name, int weight) =>
        Change(at => new MembershipChange.Weigh(Named(name), weight, at));

    /// <summary>
    /// Completes when every node that is up works by one ring, the one of the latest commit, and has nothing left to copy.
    /// A change waits for members that are down, so this does too.
    /// </summary>
    public async Task WhenSettled(CancellationToken cancel = default)
    {
        while (!await IsSettled().ConfigureAwait(false)) await Task.Delay(SettleLook, cancel).ConfigureAwait(false);
    }

    private async Task<bool> IsSettled()
    {
        var states = await States().ConfigureAwait(false);
        if (states.Count == 0) return true;
        var newest = states.MaxBy(static s => s.State.Commits).State;
        if (newest.Next is not null) return false;
        foreach (var (name, state) in states)
        {
            // Who was removed as dead and is not hears of it later, and who waits to join hears nothing of the others.
            var isMember = newest.Settled.Ring.IndexOf(name) >= 0;
            if (!isMember && state.Next?.Digest != newest.Settled.Digest) continue;
            if (state.Next is not null || state.Settled.Digest != newest.Settled.Digest) return false;
            if (state.TransfersLeft > 0 || state.Nodes.Any(static row => row.Step == MemberStep.Leaving)) return false;
        }

        return true;
    }

    // What every node says that is up.
    private async Task<IReadOnlyList<(NodeId Name, MembershipStatus State)>> States()
    {
        var up = _members.Values.Where(static m => m.IsUp).ToArray();
        var answers = await Task.WhenAll(up.Select(static m => m.Port.Membership())).ConfigureAwait(false);
        return
        [
            .. up.Zip(answers, static (member, answer) => (member.Name, State: answer.Value!))
                .Where(static s => s.State is not null),
        ];
    }

    // A member that is up and stays one, by the latest commit and the sooner the more it knows: a node that was removed while it
    // ran may not know of that yet. If possible not the one that is removed now, which would tell nobody.
    private async Task<EmbeddedMember> SomeMember(NodeId except)
    {
        var states = await States().ConfigureAwait(false);
        var newest = states.MaxBy(static s => s.State.Commits).State;
        var at = states
            .Where(s => newest.Nodes.Any(row => row.Node == s.Name && row.WeightNext > 0))
            .OrderBy(s => s.Name == except).ThenByDescending(static s => s.State.Commits).FirstOrDefault().Name;
        return at.IsNone ? throw new EmbeddedChangeException("No member is up to take the change.") : _members[at];
    }

    // Stages and commits in one, for one caller after the other: what somebody staged there over HTTP is committed along.
    private async Task Change(Func<ChangeOrigin, MembershipChange> change, NodeId except = default, bool force = false)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            var at = await SomeMember(except).ConfigureAwait(false);
            var wanted = change(new ChangeOrigin(at.Name, "embedded", _clock.Now));
            if (wanted.Check() is { Length: > 0 } wrong) throw new EmbeddedChangeException(wrong);
            var staged = await at.Port.Stage(wanted, force).ConfigureAwait(false);
            if (staged.Value is null) throw new EmbeddedChangeException(staged.Sentence);
            var committed = await at.Port.Commit(null).ConfigureAwait(false);
            if (committed.Value is not null) return;
            await at.Port.ClearStaged().ConfigureAwait(false);
            throw new EmbeddedChangeException(committed.Sentence);
        }
        finally
        {
            _changing.Release();
        }
    }

    // Runs a node that is about to become a member, if it does not run yet; "" or one sentence.
    private async Task<string> BringUp(NodeId node)
    {
        EmbeddedMember member;
        lock (_membersLock)
        {
            if (_members.Count >= MostNodes && !_members.ContainsKey(node))
                return $"{MostNodes} nodes run already, as many as one process may.";
            member = Add(node);
        }

        try
        {
            member.Boot()?.Start();
            if (_servesHttp && member.Url.Length == 0)
                await member.Serve(NextPort(), _options).ConfigureAwait(false);
            return "";
        }
        catch (Exception fault) when (fault is StorageOpenException or HttpStartException)
        {
            return fault.Message;
        }
    }

    private static NodeId Named(string name) => NodeId.TryParse(name, out var node)
        ? node
        : throw new EmbeddedChangeException($"A node's name must have 1 to {NodeId.MaxLength} letters, digits, '-', '_' or '.'.");
}

/// <summary>A change of an embedded cluster's membership was refused; the message is one sentence.</summary>
public sealed class EmbeddedChangeException(string message) : Exception(message);
