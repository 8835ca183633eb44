using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Dynamo.Client;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors;

/// <summary>What a rehearsal of joining has carried out.</summary>
/// <param name="Answers">Requests that were answered with success.</param>
/// <param name="Keys">Records that the node which joined holds in the end.</param>
public sealed record JoinRehearsalReport(int Answers, long Keys);

/// <summary>Has four whole nodes of this process serve a client while one of them joins the others.</summary>
/// <remarks>
/// What <see cref="Rehearsal"/> is to Core this is to actors, connections and the administrator's requests: three nodes on free ports of 127.0.0.1,
/// a client that asks them, and a fourth that joins. What is called for the first time when a node joins, .NET has compiled then. And what has been called a thousand times it compiles
/// again, better: so a node that is to join others, and has nothing to do until it is asked to, has its client ask for enough. A member serves meanwhile, and its
/// client rests: some requests must be under way, or what they meet while the ring changes (one that waits for the ring, a hint for the node that joins) is not called.
/// </remarks>
public sealed class JoinRehearsal
{
    /// <summary>As many requests as it takes until what each of them calls is compiled well.</summary>
    public const int Enough = 4_000;

    /// <summary>As many as it takes until each worker of the client has asked for something.</summary>
    public const int Few = 64;

    private const int Partitions = 128, Founders = 3, Keys = 256, MostWorkers = 8;
    private const string Host = "127.0.0.1", Bucket = "rehearsal";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(50), Rest = TimeSpan.FromMilliseconds(20);

    // They end at once, and without a word to each other. Nothing of them is logged, and no setting of the operator's is theirs.
    private static readonly Config Quiet = ConfigurationFactory.ParseString(
        """
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        """);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        PingEvery = TimeSpan.FromMilliseconds(100),
        SuspectAfter = 100,
        GossipEvery = TimeSpan.FromMilliseconds(100),
        SyncPause = TimeSpan.Zero,
        FenceEvery = TimeSpan.FromMilliseconds(20),
    };

    private readonly List<ActorSystem> _systems = [];
    private readonly List<IStorageEngine> _stores = [];
    private readonly List<DynamoSystem> _nodes = [];
    private readonly string? _folder;
    private readonly int _requests;
    private readonly Func<DynamoSystem, NodeId, Task> _join;
    private readonly Func<bool> _isWanted;
    private int _asked, _answers;

    private JoinRehearsal(string? folder, int requests, Func<DynamoSystem, NodeId, Task> join, Func<bool> isWanted) =>
        (_folder, _requests, _join, _isWanted) = (folder, requests, join, isWanted);

    /// <summary>Carries it out and says what came of it; null when it was given up because it was not wanted any more.</summary>
    /// <param name="folder">Where two of the nodes keep their databases meanwhile, emptied before and after; null for memory alone.</param>
    /// <param name="requests">How many requests the client sends before; a quarter as many follow. See <see cref="Enough"/> and <see cref="Few"/>. Where they are fewer than enough,
    /// the client rests after each.</param>
    /// <param name="join">Has the first node commit that the second one joins.</param>
    /// <param name="isWanted">Asked now and then whether to go on: who is needed for the thing itself does not rehearse it.</param>
    /// <exception cref="TimeoutException">It took longer than a minute.</exception>
    public static async Task<JoinRehearsalReport?> Run(
        string? folder, int requests, Func<DynamoSystem, NodeId, Task> join, Func<bool> isWanted)
    {
        Delete(folder);
        var rehearsal = new JoinRehearsal(folder, requests, join, isWanted);
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await rehearsal.Play(limit.Token);
        }
        catch (OperationCanceledException) when (!isWanted())
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Four nodes have not come to their end in {Patience.TotalSeconds:0} seconds.");
        }
        finally
        {
            await Task.WhenAll(rehearsal._systems.Select(static s => s.Terminate()));
            foreach (var store in rehearsal._stores) store.Dispose();
            Delete(folder);
        }
    }

    private static void Delete(string? folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static NodeId NameOf(int node) => new($"n{node + 1}");

    private async Task<JoinRehearsalReport> Play(CancellationToken cancel)
    {
        for (var node = 0; node <= Founders; node++)
            _systems.Add(ActorSystem.Create(AkkaSettings.SystemName, new AkkaSettings { Self = NameOf(node), Host = Host, Port = 0 }.ToConfig(Quiet)));
        var endpoints = _systems.Select(static s => new NodeEndpoint(Host, ((ExtendedActorSystem)s).Provider.DefaultAddress.Port!.Value)).ToList();
        var members = Enumerable.Range(0, Founders).Select(static i => new RingMember(NameOf(i)));
        if (!Founding.TryCreate("rehearsal", Partitions, 3, members, out var founding, out var error)) throw new InvalidOperationException(error);
        for (var node = 0; node <= Founders; node++)
        {
            // Where a node is that joins, the members learn from itself.
            var known = Enumerable.Range(0, Founders).Append(node).Distinct().ToImmutableSortedDictionary(NameOf, i => endpoints[i]);
            _stores.Add(StoreOf(node));
            _nodes.Add(await DynamoSystem.StartAsync(
                _systems[node], new DynamoActorOptions { Self = NameOf(node), Founding = founding, Endpoints = known, Settings = Settings }, _stores[node]));
        }

        await Until(() => _nodes.Take(Founders).All(static n => n.Ring.Members.All(m => n.View.IsReachable(m.Node))), cancel);
        // The node that joins is told of a bucket's properties as well.
        if (await _nodes[0].SetProperties(Bucket, BucketProperties.Standard) is { Length: > 0 } refusal) throw new InvalidOperationException(refusal);
        var system = ActorSystem.Create("rehearsal", Quiet.WithFallback(DynamoClient.DefaultConfig()));
        _systems.Add(system);
        await using var client = DynamoClient.Start(
            system, new DynamoClientOptions { Contacts = [.. endpoints.Take(Founders).Select(static e => $"{e.Host}:{e.Port}")] });
        var workers = Math.Min(_requests, MostWorkers);
        using var isOver = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var load = Enumerable.Range(0, workers).Select(worker => Ask(client, worker, workers, isOver.Token)).ToList();
        try
        {
            await Until(() => _asked >= _requests, cancel);
            await _join(_nodes[0], NameOf(Founders));
            await Until(() => _nodes.TrueForAll(static n => n.View.Rings is { Next: null, Settled.Number: 1 }), cancel);
            var end = _asked + (_requests / 4);
            await Until(() => _asked >= end, cancel);
        }
        finally
        {
            // A client that is gone answers at once: whoever went on asking it would never rest.
            await isOver.CancelAsync();
            await Task.WhenAll(load);
        }

        return new JoinRehearsalReport(_answers, _stores[^1].Counts().Records);
    }

    private IStorageEngine StoreOf(int node) => _folder is not null && node % Founders == 0
        ? SqliteEngine.Open(new SqliteOptions { Folder = Path.Combine(_folder, NameOf(node).Name), Sync = SyncMode.Process })
        : new MemoryEngine();

    // One after the other: each key is read, and written by what was read.
    private async Task Ask(DynamoClient client, int worker, int workers, CancellationToken isOver)
    {
        for (var i = worker; !isOver.IsCancellationRequested; i += workers)
        {
            var key = Key.Of(Bucket, $"k{i % Keys}");
            var read = await client.Get(key);
            var context = read.Outcome is Found found ? found.Context : default;
            var written = await client.Put(key, new Value { Body = new byte[100] }, context);
            Interlocked.Add(ref _asked, 2);
            if (read.Outcome is Found or NotFound) Interlocked.Increment(ref _answers);
            if (written.Outcome.IsSuccess) Interlocked.Increment(ref _answers);
            if (_requests < Enough) await Task.Delay(Rest, CancellationToken.None);
        }
    }

    private async Task Until(Func<bool> condition, CancellationToken cancel)
    {
        while (!condition())
        {
            if (!_isWanted()) throw new OperationCanceledException();
            await Task.Delay(Look, cancel);
        }
    }
}
