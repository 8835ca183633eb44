using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport;
using Dynamo.Actors;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.MultiNode.TestKit;

/// <summary>
/// The node of one process of a spec: its folder, its port, the actor systems that live over them one after the other, and
/// the lines by which the others reach it.
/// </summary>
/// <remarks>
/// It has an actor system of its own beside that of Akka's test kit: so it can end and come back, on any node and at its old
/// address, while barriers go on, and a cut never touches them. Thread-safe.
/// <para>A line is cut or slowed where it ends, so each ordered pair of nodes has a rule of its own. The throttler has one
/// rule per address and direction, and one that cuts sending alone leaves new connections from there half open.</para>
/// </remarks>
internal sealed class SpecNode : IDisposable
{
    private const string Host = "127.0.0.1";

    // It ends as a killed process does, at once and without a word to the others.
    private static readonly Config Insisted = ConfigurationFactory.ParseString("""
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        akka.remote.dot-netty.tcp.applied-adapters = [trttl, gremlin]
        """);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly PartitionConfig _config;
    private readonly Founding _founding;
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-spec-").FullName;
    private readonly SortedDictionary<NodeId, LineState> _lines = [];
    private ImmutableSortedDictionary<NodeId, NodeEndpoint> _endpoints = ImmutableSortedDictionary<NodeId, NodeEndpoint>.Empty;
    private ActorSystem? _system;
    private SqliteEngine? _store;
    private volatile DynamoSystem? _current;
    private int _port;

    public SpecNode(NodeId self, PartitionConfig config)
    {
        Self = self;
        _config = config;
        _founding = config.Found();
        // A process that is killed disposes nothing.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DeleteFolder();
    }

    public NodeId Self { get; }

    /// <summary>The node as it runs now, or as it last ran.</summary>
    public DynamoSystem Current =>
        _current ?? throw new InvalidOperationException($"{Self} has not been started; a spec begins with Start().");

    private SqliteOptions Storage => new() { Folder = Path.Combine(_folder, "store"), Sync = SyncMode.Process };

    /// <summary>Takes a port, so that the others can be told where this node is.</summary>
    public async Task<NodeEndpoint> Listen()
    {
        await OneByOne(MakeSystem);
        return new NodeEndpoint(Host, _port);
    }

    /// <summary>Starts the node for the first time.</summary>
    /// <param name="endpoints">Where all nodes are.</param>
    public Task Start(ImmutableSortedDictionary<NodeId, NodeEndpoint> endpoints) => OneByOne(async () =>
    {
        _endpoints = endpoints;
        await StartActors();
    });

    /// <summary>Ends the node; requests are told so. What is on its disk stays.</summary>
    public Task Stop() => OneByOne(async () =>
    {
        await StopActors();
        CloseStore();
    });

    /// <summary>Starts the node again, at its old address and over what is on its disk.</summary>
    public Task StartAgain() => OneByOne(async () =>
    {
        await MakeSystem();
        await StartActors();
    });

    /// <summary>
    /// Says how the line from another node to this one is from now on, for every connection and every restart of both.
    /// </summary>
    public Task SetLine(NodeId from, LineState state) => OneByOne(async () =>
    {
        _lines[from] = state;
        if (_system is not null) await Apply(from, state);
    });

    public void Dispose()
    {
        Stop().GetAwaiter().GetResult();
        _gate.Dispose();
        DeleteFolder();
    }

    private async Task OneByOne(Func<Task> step)
    {
        await _gate.WaitAsync();
        try
        {
            await step();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task MakeSystem()
    {
        var akka = new AkkaSettings
        {
            Self = Self,
            Host = Host,
            Port = _port,
            JournalFile = Path.Combine(_folder, "journal.db"),
        };
        _system = akka.CreateSystem(Insisted.WithFallback(ConfigurationFactory.ParseString(_config.Hocon)));
        _port = Provider.DefaultAddress.Port!.Value;
        // Before anybody here can be spoken to.
        foreach (var (from, state) in _lines) await Apply(from, state);
    }

    private RemoteActorRefProvider Provider => (RemoteActorRefProvider)((ExtendedActorSystem)_system!).Provider;

    // As a node process does, it knows of the founders and itself; where a joiner is it says itself.
    private async Task StartActors()
    {
        _store ??= SqliteEngine.Open(Storage);
        var known = _endpoints.Where(e => e.Key == Self || _founding.Members.Any(m => m.Node == e.Key));
        var options = new DynamoActorOptions
        {
            Self = Self,
            Founding = _founding,
            Endpoints = known.ToImmutableSortedDictionary(),
            Settings = _config.Settings,
        };
        _current = await DynamoSystem.StartAsync(_system!, options, _store);
        _ = Follow(_current);
    }

    private async Task StopActors()
    {
        if (_system is not null) await _system.Terminate();
        _system = null;
    }

    private void CloseStore()
    {
        _store?.Dispose();
        _store = null;
    }

    // What a node process does for its node: a new actor system when it asks for one, over an empty store if need be.
    private async Task Follow(DynamoSystem node)
    {
        var happened = await Task.WhenAny(node.ActorSystem.WhenTerminated, node.LeftBehind, node.StartsOver);
        if (happened == node.ActorSystem.WhenTerminated) return;
        await OneByOne(async () =>
        {
            if (_current != node || _system is null) return;
            await StopActors();
            if (node.StartsOver.IsCompleted)
            {
                CloseStore();
                SqliteEngine.Delete(Storage.Folder);
                _store = SqliteEngine.Open(Storage);
                _store.Enqueue(await node.StartsOver, static _ => { });
            }

            await MakeSystem();
            await StartActors();
        });
    }

    private async Task Apply(NodeId from, LineState state)
    {
        var there = _endpoints[from];
        var address = Provider.DefaultAddress.WithHost(there.Host).WithPort(there.Port);
        var command = new SetThrottle(address, ThrottleTransportAdapter.Direction.Receive, state.ToMode());
        if (!await Provider.Transport.ManagementCommand(command))
            throw new InvalidOperationException($"The line from {from} to {Self} cannot be changed.");
    }

    private void DeleteFolder()
    {
        try
        {
            if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The process ends, and what it has left in the folder for temporary files harms nobody.
        }
    }
}
