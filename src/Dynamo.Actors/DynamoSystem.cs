using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Persistence;
using Dynamo.Core;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>A Dynamo node in an actor system: the way in for whoever is in the same process. Thread-safe.</summary>
/// <remarks>
/// Other processes speak to <c>/user/dynamo/client</c> (Dynamo.Client), other nodes to <c>/user/dynamo/link</c>.
/// </remarks>
public sealed class DynamoSystem
{
    private readonly NodeWiring _wiring;
    private readonly ConcurrentDictionary<IAnswer, byte> _waiting = new();
    private readonly Action<IAnswer> _forget, _leave;

    private DynamoSystem(ActorSystem system, NodeWiring wiring, Task leftBehind)
    {
        ActorSystem = system;
        LeftBehind = leftBehind;
        _wiring = wiring;
        _forget = answer => _waiting.TryRemove(answer, out _);
        _leave = answer =>
        {
            _forget(answer);
            wiring.Door.Leave();
        };
        // What lies in a mailbox when its actor stops reaches nobody; without this its caller would wait for ever.
        _ = system.WhenTerminated.ContinueWith(
            _ => AnswerAll(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The actor system that the node lives in.</summary>
    public ActorSystem ActorSystem { get; }

    /// <summary>The node.</summary>
    public NodeId Self => _wiring.Self;

    /// <summary>The cluster as it was founded.</summary>
    public Founding Founding => _wiring.Founding;

    /// <summary>The ring in force.</summary>
    public Ring Ring => _wiring.Ring;

    /// <summary>The node's store.</summary>
    public IStorageEngine Store => _wiring.Store;

    /// <summary>The cluster as the node sees it now.</summary>
    public ClusterView View => _wiring.View!;

    /// <summary>Requests being coordinated here.</summary>
    public int RequestsInFlight => _wiring.RequestsInFlight;

    /// <summary>The node's actor system, such as <c>akka.tcp://dynamo@127.0.0.1:9001</c>.</summary>
    public string Address => ((ExtendedActorSystem)ActorSystem).Provider.DefaultAddress.ToString();

    /// <summary>
    /// Ends when the node should get a new actor system, to get into the island of Akka.Cluster that the others are in.
    /// </summary>
    /// <remarks>
    /// Nothing is wrong with the node's data or requests; it is the failure detector's hints and first contact that
    /// improve.
    /// </remarks>
    public Task LeftBehind { get; }

    /// <summary>
    /// Ends when the node joins again under its old name, and what its store holds is of the time before: the actor system must
    /// end, the store be emptied, these changes be put into it, and a new actor system be started over it.
    /// </summary>
    /// <remarks>Until then the node takes no part, and says so. What was deleted meanwhile would come back with the old rows.</remarks>
    public Task<IReadOnlyList<StoreChange>> StartsOver => _wiring.StartsOver.Task;

    /// <summary>Starts a node's actors.</summary>
    /// <param name="system">An actor system with the settings of <see cref="AkkaSettings"/>.</param>
    /// <param name="options">What the node must know.</param>
    /// <param name="store">Its store; whoever opened it disposes it, after the actor system has ended.</param>
    /// <param name="backup">The backup that the node is being restored from, which its opener disposes when that is over; null for none.</param>
    /// <exception cref="DynamoStartException">The node cannot start; one sentence says why.</exception>
    public static async Task<DynamoSystem> StartAsync(
        ActorSystem system, DynamoActorOptions options, IStorageEngine store, IStorageEngine? backup = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        // Each of them adds defaults to the system's settings, which is no thread's alone: two at once lose those of one.
        _ = Persistence.Instance.Apply(system);
        _ = ClusterClientReceptionist.Get(system);
        var clock = new NodeClock();
        var identity = await Identify(store, clock);
        var wiring = new NodeWiring(options, store, clock, identity, backup, said => LineLogger.Say(system, said));
        _ = system.WhenTerminated.ContinueWith(
            _ => wiring.Telemetry.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leftBehind = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new DynamoRoot(wiring, ready, leftBehind)), DynamoRoot.Name);
        await ready.Task;
        var node = new DynamoSystem(system, wiring, leftBehind.Task);
        wiring.Say(
            EventLevel.Info, EventNames.NodeStarted, "dynamo.node", $"{node.Self} has started.",
            ("version", Build.Version), ("cluster", node.Founding.ClusterName), ("runtime", "akka"), ("storage", store.Name),
            ("partitions", node.Founding.PartitionCount), ("address", node.Address));
        return node;
    }

    /// <summary>How far it has come with the backup that the node is being restored from; null when there is none.</summary>
    public RestoreProgress? Restore => _wiring.Restore;

    /// <summary>Ends when nothing reads the backup any more.</summary>
    public Task Restored => _wiring.Restored.Task;

    /// <summary>The mark of a backup that is taken of the node now.</summary>
    public BackupMark MarkBackup() => BackupMark.Of(View, Founding, _wiring.Clock.Now);

    /// <summary>Tells the other nodes where this one serves HTTP.</summary>
    public void AnnounceHttp(string url) => _wiring.HttpUrl = url;

    /// <summary>Carries out a get, put or delete; always ends in an outcome.</summary>
    public Task<Outcome> Execute(ClientRequest request)
    {
        if (_wiring.Door.Enter() is { } refusal) return Task.FromResult<Outcome>(refusal);
        var answer = new TaskAnswer(_leave);
        Begin(request, answer);
        return answer.Task;
    }

    /// <summary>Why a request that came now would be refused as too much, which is then counted; null when it would be taken.</summary>
    public Overloaded? Refusal() => _wiring.Door.Look();

    /// <summary>
    /// Carries out a listing, page by page; the last item is a <see cref="Listing"/> with Last set, or a failure.
    /// </summary>
    public async IAsyncEnumerable<Outcome> List(
        ListRequest request, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var pages = Channel.CreateUnbounded<Outcome>(new UnboundedChannelOptions { SingleReader = true });
        var answer = new PagesAnswer(pages.Writer);
        Begin(request, answer);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(cancel))
            {
                yield return page;
                if (page is not Listing { Last: false }) yield break;
            }
        }
        finally
        {
            _forget(answer);
        }
    }

    /// <summary>
    /// Sets a bucket's properties on every node (null resets them): "" once durable here, else one sentence.
    /// </summary>
    public async Task<string> SetProperties(string bucket, BucketProperties? properties)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wiring.RingActor.Tell(new SetProperties(bucket, properties, done), ActorRefs.NoSender);
        var first = await Task.WhenAny(done.Task, ActorSystem.WhenTerminated);
        return first == done.Task ? await done.Task : $"{Self} has stopped.";
    }

    /// <summary>
    /// Begins to compare this node's replicas with those of all other owners: how that stands then; null when the node has
    /// stopped.
    /// </summary>
    public Task<SyncProgress?> Repair()
    {
        var answer = new ProgressAnswer();
        return AskSync(new Repair(answer), answer);
    }

    /// <summary>
    /// What anti-entropy has done here, and what is left of a repair; null when the node has stopped.
    /// </summary>
    public Task<SyncProgress?> RepairProgress()
    {
        var answer = new ProgressAnswer();
        return AskSync(new RepairProgress(answer), answer);
    }

    /// <summary>Where a node serves HTTP as far as this one knows; "" when it does not know.</summary>
    public string HttpUrlOf(NodeId node) =>
        node == Self ? _wiring.HttpUrl : _wiring.Peers.GetValueOrDefault(node)?.HttpUrl ?? "";

    /// <summary>Monotonic counters by name.</summary>
    public ImmutableSortedDictionary<string, long> Counters() => _wiring.Counters();

    /// <summary>Every number that the node tells of itself now.</summary>
    public NodeReading Reading() => _wiring.Telemetry.Read();

    /// <summary>Writes an event to the node's log.</summary>
    public void Say(NodeEvent said) => _wiring.Telemetry.Say(said);

    private async Task<SyncProgress?> AskSync(object question, ProgressAnswer answer)
    {
        _wiring.Sync.Tell(question, ActorRefs.NoSender);
        return await Task.WhenAny(answer.Task, ActorSystem.WhenTerminated) == answer.Task ? await answer.Task : null;
    }

    /// <summary>The membership as this node knows it, and what is staged here; null when the node has stopped.</summary>
    public Task<MembershipNow?> Membership() => Membership(static desk => desk.Now());

    /// <summary>Stages a change of the membership: "" or one sentence; null when the node has stopped.</summary>
    /// <param name="change">The change.</param>
    /// <param name="force">Whether a node that is reachable may be removed.</param>
    public Task<string?> Stage(MembershipChange change, bool force) => Membership(desk => desk.Stage(change, force));

    /// <summary>Forgets what is staged at this node.</summary>
    public Task<MembershipNow?> ClearStaged() => Membership(static desk =>
    {
        desk.Membership.Staged.Clear();
        return desk.Now();
    });

    /// <summary>What committing the staged changes would do; null when the node has stopped.</summary>
    public Task<MembershipPlan?> Plan() => Membership(static desk => desk.Plan());

    /// <summary>Commits what is staged: the plan that is carried out, or a sentence; null when the node has stopped.</summary>
    /// <param name="check">Looks at the plan first: "" lets it pass, a sentence refuses it.</param>
    public Task<Tuple<MembershipPlan, string>?> Commit(Func<MembershipPlan, string> check) => Membership(desk =>
    {
        var plan = desk.Plan();
        var error = check(plan);
        return Tuple.Create(plan, error.Length > 0 ? error : desk.Commit(plan));
    });

    /// <summary>Asks about the membership, or changes it; null when the node has stopped or does not know its cluster yet.</summary>
    internal async Task<T?> Membership<T>(Func<MembershipDesk, T> question)
        where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wiring.RingActor.Tell(
            new AskMembership(desk => answer.SetResult(question(desk)), _ => answer.SetResult(null)), ActorRefs.NoSender);
        var first = await Task.WhenAny(answer.Task, ActorSystem.WhenTerminated);
        return first == answer.Task ? await answer.Task : null;
    }

    private void Begin(ClientRequest request, IAnswer answer)
    {
        _waiting.TryAdd(answer, 0);
        _wiring.Coordinator.Tell(_wiring.Ask(request, answer), ActorRefs.NoSender);
        if (ActorSystem.WhenTerminated.IsCompleted) AnswerAll();
    }

    private void AnswerAll()
    {
        foreach (var answer in _waiting.Keys) answer.Give(new NotReady($"{Self} has stopped."));
    }

    private static async Task<NodeIdentity> Identify(IStorageEngine store, NodeClock clock)
    {
        try
        {
            return await NodeIdentity.Take(store, clock.Now);
        }
        catch (StoreFailedException fault)
        {
            throw new DynamoStartException($"The store cannot be written: {fault.Message}");
        }
    }
}
