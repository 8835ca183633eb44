using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Finds a new home for hints that cannot be delivered: those for a node that is no member any more, and all of a node that has left.</summary>
/// <remarks>
/// <code>
///   a member        hints for who is no member     -> hints here for the present owners, its own row where it is one
///   who has left    hints for who does not answer  -> the first N members that answer, as a put would choose them
/// </code>
/// What leaves this node is durable here first, since it may bear a dot of this store (<see cref="HandoffSender"/>); the old
/// hint is removed only when all of the new places have it durably.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.6 and 4.8.
/// </remarks>
public sealed class HintRehoming
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // While hints move: what falls due in this time moves together.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(25);
    private readonly NodeSettings _settings;
    private readonly Func<double> _share;
    private readonly INodeStore _store;
    private readonly SortedDictionary<ulong, Moving> _moving = [];
    private readonly SortedDictionary<ulong, Moving> _removing = [];
    private ImmutableArray<Hint> _page = [];
    private ulong _pageDurable;
    private ClusterView? _view;
    private ulong _nextId;
    private Instant _until, _pageAt;

    /// <summary>Over a node's hints.</summary>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">How many at a time and per second, as for the delivery of hints.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit nothing of this one.</param>
    /// <param name="share">What <see cref="BackgroundPace"/> leaves to it; all of the rate when null.</param>
    public HintRehoming(INodeStore store, NodeSettings settings, ulong entropy, Func<double>? share = null)
    {
        _settings = settings;
        _share = share ?? (static () => 1);
        _store = store;
        _nextId = (entropy >> 16) | RequestId.HandoffBit;
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>A new view: members may have gone.</summary>
    public void OnView(ClusterView view, Instant now)
    {
        _view = view;
        Deadline = MayMove && Homeless().Any() ? now : Instant.Never;
    }

    /// <summary>A hint was stored here, perhaps by a write that began before its owner had gone.</summary>
    public void OnHint(NodeId owner, Instant now)
    {
        if (MayMove && IsHomeless(owner)) Deadline = Instant.Min(Deadline, now + Every);
    }

    /// <summary>Tells the time: some hints are moved.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline || _view is null) return;
        if (now > _until && MayMove)
        {
            _moving.Clear();
            var atATime = AtATime;
            var page = ImmutableArray.CreateBuilder<Hint>();
            foreach (var owner in Homeless())
                page.AddRange(_store.ScanHints(owner, null, atATime - Math.Min(atATime, page.Count)));
            _page = page.DrainToImmutable();
            _until = now + (Every * 10);
            _pageAt = now;
            _pageDurable = ++_nextId;
            if (!_page.IsEmpty) effects.Write(new WriteId(_pageDurable), []);
        }

        Deadline = MayMove && Homeless().Any() ? now + Every : Instant.Never;
    }

    /// <summary>A replica has kept a record, or refused to; answers to others are ignored.</summary>
    public void OnReply(ReplicaPutReply reply, Instant now, Effects effects)
    {
        if (!reply.Durable || !_moving.Remove(reply.Id.Value, out var moving) || --moving.Open > 0) return;
        var write = new WriteId(++_nextId);
        _removing.Add(write.Value, moving);
        effects.Write(write, [new StoreChange.RemoveHint(moving.Hint.Owner, moving.Hint.Key, moving.Hint.Stamp)]);
        if (_moving.Count > 0) return;
        // The page took at least as long as it may, so the rate holds however soon the next one begins.
        _until = now;
        Deadline = Instant.Min(Deadline, _pageAt + Spread > now ? _pageAt + Spread : now);
    }

    /// <summary>
    /// What was read is durable and may be moved; or a removal is, and if that failed, the hint stays and is moved again, which does no harm.
    /// </summary>
    public void OnWritten(WriteId id, WriteResult result, Effects effects)
    {
        if (id.Value == _pageDurable)
        {
            if (result.Ok)
                foreach (var hint in _page) Move(hint, effects);
            _page = [];
            return;
        }

        if (_removing.Remove(id.Value, out var moving) && result.Ok) effects.Observe(new Observation.HintDelivered(moving.Hint.Owner));
    }

    private double PerSecond => Math.Max(1, _settings.HandoffPerSecond * _share());

    private int AtATime => (int)Math.Clamp(PerSecond * Together.TotalSeconds, 1, _settings.HandoffWindow);

    // How long a page stands for; a page of one at a low rate for longer than what is moved together.
    private TimeSpan Spread => TimeSpan.FromSeconds(AtATime / PerSecond);

    // A member waits until its ring stands; who has left waits for nothing.
    private bool MayMove => _view is { SelfIndex: >= 0, Other: null } || HasLeft;

    private bool HasLeft => _view is { SelfIndex: < 0, Rings.IsSealed: true };

    private IEnumerable<NodeId> Homeless() => _store.HintOwners().Where(IsHomeless);

    // What a member who answers waits for the mailbox delivers.
    private bool IsHomeless(NodeId owner) => HasLeft ? !_view!.IsReachable(owner) : !_view!.Everybody.Contains(owner);

    private void Move(Hint hint, Effects effects)
    {
        if (_view is null || !MayMove) return;
        var targets = ReplicaTargets.Choose(_view, hint.Partition, _view.PropertiesOf(hint.Key.Bucket).NVal);
        // A member keeps them itself, hints for owners who answer not at all included.
        ImmutableArray<(NodeId To, NodeId For)> places = HasLeft
            ? [.. targets.Targets.Select(static target => (target.Node, target.Owner))]
            : [.. targets.Primaries.Select(owner => (_view.Self, owner))];
        var moving = new Moving(hint) { Open = places.Length };
        foreach (var (to, owner) in places)
        {
            var id = ++_nextId;
            _moving.Add(id, moving);
            effects.Send(to, new ReplicaPut(
                new RequestId(id), hint.Partition, hint.Key, hint.Stored.Record, owner == to ? default : owner, PutReason.Handoff));
        }
    }

    private sealed class Moving(Hint hint)
    {
        public Hint Hint { get; } = hint;
        public int Open { get; set; }
    }
}
