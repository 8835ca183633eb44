using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Dynamo.Core;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Embedded;

/// <summary>One node of an embedded cluster: a thread that feeds Core's machines and carries out what they want.</summary>
internal sealed class EmbeddedNode : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private readonly object _gate = new();
    private readonly DynamoNode _node;
    private readonly IStorageEngine _store;
    private readonly string? _folder;
    private SqliteEngine? _backup;
    private readonly EmbeddedNetwork _network;
    private readonly NodeClock _clock;
    private readonly Action<EmbeddedNode, IReadOnlyList<StoreChange>> _startOver;
    private readonly Effects _effects = new();
    private readonly Dictionary<RequestId, Action<Outcome>> _clients = [];
    private readonly Thread _thread;
    private readonly bool _hasLog;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Action<Instant>> _inbox = [];
    private List<Action<Instant>> _batch = [];
    private ClusterView? _told;
    private Instant _looked;
    private long _asOf;

    // The door: requests wait in the inbox before the machines see them, and to be refused there would take as long as to be answered.
    private int _open, _turnedAway;
    private volatile int _limit;
    private bool _stopping;

    /// <summary>A node that has not started yet.</summary>
    /// <param name="self">The node.</param>
    /// <param name="founding">The cluster.</param>
    /// <param name="store">Its store, which it disposes.</param>
    /// <param name="network">The links to the others.</param>
    /// <param name="clock">The time.</param>
    /// <param name="options">Times and limits, and where its events go.</param>
    /// <param name="startOver">Told, from the node's thread, when it must end and begin again over an empty store that holds this.</param>
    /// <param name="folder">Its data folder; null in memory.</param>
    public EmbeddedNode(
        NodeId self, Founding founding, IStorageEngine store, EmbeddedNetwork network, NodeClock clock, EmbeddedOptions options,
        Action<EmbeddedNode, IReadOnlyList<StoreChange>> startOver, string? folder = null)
    {
        Self = self;
        _folder = folder;
        _backup = folder is null ? null : RestoredFolder.Open(folder);
        Backups = new BackupJob(folder, "embedded");
        _startOver = startOver;
        _limit = options.Settings.MaxRequestsInFlight;
        _hasLog = options.Log is not null;
        _store = store;
        _network = network;
        _clock = clock;
        var entropy = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _node = new DynamoNode(self, founding, ContextCodec.For(founding), store, options.Settings, entropy, _backup);
        Telemetry = new NodeTelemetry(
            self, founding, "embedded", store, new TelemetryOptions { Log = options.Log, TraceKeys = options.TraceKeys });
        _thread = new Thread(Run) { Name = $"dynamo {self}", IsBackground = true };
        Post(now => _node.Start(now, _effects));
        // From here on messages wait in the inbox, so that nodes made together hear each other's first words.
        _network.Attach(this);
    }

    public NodeId Self { get; }

    /// <summary>What the node tells of itself.</summary>
    public NodeTelemetry Telemetry { get; }

    public Ring Ring => _node.Ring;

    /// <summary>Every node of any ring that follows from what is committed, as it stands now.</summary>
    public IEnumerable<NodeId> Everybody => _node.Membership.State.Settled.Members
        .Concat(_node.Membership.History.Fold().Versions.Where(v => v.Number > _node.Membership.State.Settled.Number)
            .SelectMany(static version => version.Members))
        .Select(static member => member.Node).Distinct().Order();

    public IStorageEngine Store => _store;

    public BackupJob Backups { get; }

    /// <summary>The view in force; the machines replace it, nobody changes it.</summary>
    public ClusterView? View { get; private set; }

    public void Start()
    {
        Telemetry.Say(new NodeEvent(
            EventLevel.Info, EventNames.NodeStarted, "dynamo.node", $"{Self} has started.",
            ("node", Self), ("version", Build.Version), ("cluster", _node.Founding.ClusterName), ("runtime", "embedded"),
            ("storage", _store.Name), ("partitions", _node.Founding.PartitionCount)));
        _thread.Start();
    }

    public void Deliver(NodeId from, Message message) => Post(now => _node.OnMessage(from, message, now, _effects));

    /// <summary>Carries out a request; <paramref name="answer"/> is called from the node's thread, for a listing once a page.</summary>
    public bool Request(ClientRequest request, Action<Outcome> answer)
    {
        // A listing may last for minutes, and its pages are not to hold up anybody.
        var isListing = request is ListRequest;
        if (!isListing && Interlocked.Increment(ref _open) > _limit)
        {
            Interlocked.Decrement(ref _open);
            answer(TurnAway());
            return true;
        }

        var activity = Telemetry.Arrived(request);
        var arrival = new Arrival(_clock.Now, activity is not null);
        if (Post(now =>
            {
                var id = _node.Request(request, now, _effects, arrival);
                _clients[id] = isListing ? answer : Leave;
                Telemetry.Follow(id, activity);
            })) return true;
        activity?.Dispose();
        if (!isListing) Interlocked.Decrement(ref _open);
        return false;

        void Leave(Outcome outcome)
        {
            Interlocked.Decrement(ref _open);
            answer(outcome);
        }
    }

    /// <summary>Why a request that came now would be refused as too much, which is then counted; null when it would be taken.</summary>
    public Overloaded? Refusal() => Volatile.Read(ref _open) < _limit ? null : TurnAway();

    private Overloaded TurnAway()
    {
        Interlocked.Increment(ref _turnedAway);
        return AdmissionControl.Refusal(Self);
    }

    public bool SetProperties(string bucket, BucketProperties? properties, Action<Outcome> answer) =>
        Post(now => _clients[_node.SetProperties(bucket, properties, now, _effects)] = answer);

    /// <summary>Asks the machines something from their own thread.</summary>
    /// <exception cref="ObjectDisposedException">The node is stopped, or was before the question's turn came.</exception>
    public async Task<T> Ask<T>(Func<DynamoNode, Instant, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Post(now => answer.SetResult(question(_node, now)))
            && await Task.WhenAny(answer.Task, _stopped.Task).ConfigureAwait(false) == answer.Task)
            return await answer.Task.ConfigureAwait(false);
        throw new ObjectDisposedException(Self.Name);
    }

    /// <summary>Lets the machines do something that has effects, and hear what they say to it.</summary>
    /// <exception cref="ObjectDisposedException">The node is stopped, or was before its turn came.</exception>
    public Task<T> Change<T>(Func<DynamoNode, Instant, Effects, T> change) =>
        Ask((node, now) => change(node, now, _effects));

    /// <summary>Stops at once, as a killed process would; whoever waits here is told what may have become of the request.</summary>
    public void Dispose() => Stop(inOrder: false);

    /// <summary>Stops; in order when the store is to be closed as one that has lost nothing.</summary>
    public void Stop(bool inOrder)
    {
        _network.Detach(Self);
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        if (_thread.IsAlive) _thread.Join();
        _stopped.SetResult();
        TakeInWhatWaits();
        _node.Stop(_clock.Now, _effects);
        foreach (var effect in _effects.List)
            if (inOrder && effect is Effect.Write seal) _store.Enqueue(seal.Changes, static _ => { }, _asOf);
        Backups.Dispose();
        _backup?.Dispose();
        Telemetry.Say(new NodeEvent(
            EventLevel.Info, EventNames.NodeStopped, "dynamo.node", $"{Self} has stopped.", ("node", Self), ("in_order", inOrder)));
        Telemetry.Dispose();
        _store.Dispose();
        foreach (var effect in _effects.List)
            if (effect is Effect.Reply reply && _clients.Remove(reply.Request, out var waiting)) waiting(reply.Outcome);
        foreach (var answer in _clients.Values) answer(new NotReady($"{Self} was stopped."));
        _clients.Clear();
    }

    // Who has been told that his request is in the inbox waits for its answer: what was not dealt with any more is taken in,
    // so that the machine knows whom to answer, and nothing of it is carried out.
    [SuppressMessage("Design", "CA1031", Justification = "A fault in one input must not leave the others without an answer.")]
    private void TakeInWhatWaits()
    {
        foreach (var input in (IEnumerable<Action<Instant>>)[.. _batch, .. _inbox])
        {
            try
            {
                input(_clock.Now);
            }
            catch (Exception fault)
            {
                Say(fault);
            }
        }

        foreach (var effect in _effects.List)
            if (effect is Effect.Reply reply && _clients.Remove(reply.Request, out var waiting)) waiting(reply.Outcome);
        _effects.Clear();
    }

    private bool Post(Action<Instant> input)
    {
        lock (_gate)
        {
            if (_stopping) return false;
            _inbox.Add(input);
            if (_inbox.Count == 1) Monitor.Pulse(_gate);
            return true;
        }
    }

    private void Run()
    {
        while (Take())
        {
            foreach (var input in _batch)
            {
                Step(input);
                _limit = _node.Admission.Limit;
            }

            _batch.Clear();
            if (_clock.Now >= _node.Deadline) Step(now => _node.OnTime(now, _effects));
            if (_backup is { } read && _node.Restore is { IsOver: true }) Discard(read);
            for (var count = Interlocked.Exchange(ref _turnedAway, 0); count > 0; count--)
                Telemetry.Observe(new Observation.Shed(ShedPlace.Door));
            Tell();
        }
    }

    private void Discard(SqliteEngine backup)
    {
        _backup = null;
        RestoredFolder.Discard(_folder!, backup);
    }

    // Waits for input until the machines' next deadline.
    private bool Take()
    {
        lock (_gate)
        {
            while (!_stopping && _inbox.Count == 0)
            {
                var wait = _node.Deadline == Instant.Never ? LongestWait : _node.Deadline - _clock.Now;
                if (wait <= TimeSpan.Zero) break;
                Monitor.Wait(_gate, wait < LongestWait ? wait : LongestWait);
            }

            (_inbox, _batch) = (_batch, _inbox);
            return !_stopping;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A fault in one input must not silence the node for all others.")]
    private void Step(Action<Instant> input)
    {
        _asOf = _store.FailedTransactions;
        try
        {
            input(_clock.Now);
            CarryOut();
        }
        catch (StoreFailedException)
        {
            // The store says in its own status what is wrong; the input counts as lost, as a message may always be.
            _effects.Clear();
        }
        catch (Exception fault)
        {
            _effects.Clear();
            Say(fault);
        }
    }

    private void Say(Exception fault)
    {
        if (_hasLog)
            Telemetry.Say(new NodeEvent(
                EventLevel.Error, EventNames.Fault, "dynamo.node", "An input was lost because of a fault of the node's own.",
                ("node", Self), ("fault", fault)));
        else
            Console.Error.WriteLine($"{Self}: {fault}");
    }

    // What the machines do not say themselves. The view is replaced only when something in it has changed.
    private void Tell()
    {
        View = _node.View;
        Telemetry.RequestsInFlight = _node.RequestsInFlight;
        if (View is { } view && !ReferenceEquals(view, _told)) Telemetry.OnView(_told = view);
        if (_clock.Now - _looked < LongestWait) return;
        _looked = _clock.Now;
        Telemetry.Look();
    }

    private void CarryOut()
    {
        foreach (var effect in _effects.List)
        {
            switch (effect)
            {
                case Effect.Send send:
                    _network.Send(Self, send.To, send.Message);
                    break;
                case Effect.Write write:
                    var id = write.Id;
                    _store.Enqueue(write.Changes, result => Post(now => _node.OnWritten(id, result, now, _effects)), _asOf);
                    break;
                case Effect.Reply reply when _clients.TryGetValue(reply.Request, out var answer):
                    if (reply.Outcome is not Listing { Last: false }) _clients.Remove(reply.Request);
                    answer(reply.Outcome);
                    break;
                case Effect.StartOver over:
                    _startOver(this, over.First);
                    break;
                case Effect.Observe observe:
                    Telemetry.Observe(observe.Observation);
                    break;
            }
        }

        _effects.Clear();
    }
}
