using System.Collections.Immutable;
using Akka.Actor;
using Akka.Remote.TestKit;
using Dynamo.Actors;
using Dynamo.Core;
using Xunit;

namespace Dynamo.MultiNode.TestKit;

/// <summary>
/// A spec about a cluster that falls apart and comes together again; each node is a process of its own.
/// </summary>
/// <remarks>
/// Every process runs the same method with <c>[MultiNodeFact]</c>: <see cref="Start"/>, then phases that end with
/// <see cref="Barrier"/>. <c>RunOn</c> does something on some nodes only. What changes the world (<see cref="Split"/>,
/// <see cref="Heal"/>, <see cref="Restart"/> and so on) is called by all processes, outside <c>RunOn</c>, and returns on all of
/// them when it is done. An assertion that fails in any process makes the spec red.
/// <para>The node lives in <see cref="DynamoSystem.ActorSystem"/>, with the settings, the store and the journal of a node
/// process; an application's own actors may live there too, and are cut off with it. <c>Sys</c> is the test kit's: it is never
/// cut.</para>
/// </remarks>
/// <typeparam name="TConfig">The cluster.</typeparam>
public abstract partial class PartitionSpec<TConfig> : MultiNodeSpec
    where TConfig : PartitionConfig, new()
{
    private static readonly TimeSpan Patience = PartitionConfig.Patience;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private readonly SpecNode _node;
    private int _barriers;

    /// <summary>A spec; the framework makes one in each process.</summary>
    protected PartitionSpec()
        : this(new TConfig())
    {
    }

    // The framework finds the config, and by it the number of processes, in the parameter.
    private PartitionSpec(TConfig config)
        : base(config, typeof(TConfig))
    {
        Config = config;
        _node = new SpecNode(NameOf(Myself), config);
    }

    /// <summary>The cluster.</summary>
    protected TConfig Config { get; }

    /// <summary>Every node of the spec.</summary>
    protected ImmutableArray<RoleName> Nodes => Config.Nodes;

    /// <summary>The node of this process; another object after each restart.</summary>
    protected DynamoSystem Dynamo => _node.Current;

    /// <inheritdoc/>
    protected override int InitialParticipantsValueFactory => Roles.Count;

    /// <summary>
    /// Starts this process's node; returns when all founders reach each other and are members of one Akka cluster. Called by all,
    /// once, first.
    /// </summary>
    protected void Start()
    {
        Sys.ActorOf(Whereabouts.Of(Wait(_node.Listen())), Whereabouts.Name);
        Barrier("listening");
        var endpoints = Nodes.ToImmutableSortedDictionary(NameOf, n => Wait(Whereabouts.Ask(this, n, Patience)));
        Wait(_node.Start(endpoints));
        if (IsNode([.. Config.Founders]))
        {
            AwaitReachable([.. Config.Founders]);
            AwaitNobodyGone();
        }

        Barrier("started");
    }

    /// <summary>Returns when every process has come here.</summary>
    /// <param name="name">What is over now; for whoever reads the log.</param>
    protected void Barrier(string name) => EnterBarrier($"{name}-{++_barriers}");

    /// <summary>The node that plays a role.</summary>
    protected static NodeId NameOf(RoleName role) => new(role.Name);

    /// <summary>Ends the node, when the spec is over, red or green; whoever overrides it calls it.</summary>
    protected override void AfterTermination() => _node.Dispose();

    /// <summary>
    /// Ends an actor system. Nobody waits for the conductor's: it takes five seconds to close connections that nobody uses.
    /// </summary>
    protected override void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        if (system == Sys && IsNode(Nodes[0])) _ = system.Terminate();
        else base.Shutdown(system, duration, verifySystemShutdown);
    }

    private static T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }

    private static void Wait(Task task) =>
        Assert.True(task.Wait(Patience), $"A step of the spec has not ended within {Patience.TotalSeconds:0} s.");
}
