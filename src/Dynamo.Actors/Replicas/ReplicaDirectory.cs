using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Finds the actor of a partition replica without asking anybody: one array read on the way of every message.
/// </summary>
/// <param name="partitions">Q.</param>
internal sealed class ReplicaDirectory(int partitions)
{
    private readonly IActorRef?[] _replicas = new IActorRef?[partitions];

    /// <summary>Q.</summary>
    public int Count => _replicas.Length;

    /// <summary>Creates the actors that are missing.</summary>
    public IActorRef Router { get; set; } = ActorRefs.Nobody;

    /// <summary>
    /// Hands a message to its partition's replica; one for a partition that the ring does not have is dropped.
    /// </summary>
    public void Tell(ReplicaInput input)
    {
        if (input.Partition.Index >= _replicas.Length) return;
        (Volatile.Read(ref _replicas[input.Partition.Index]) ?? Router).Tell(input);
    }

    /// <summary>From now on messages for the partition go straight to its actor.</summary>
    public void Add(PartitionId partition, IActorRef replica) =>
        Volatile.Write(ref _replicas[partition.Index], replica);
}

/// <summary>Creates the actor of a partition replica when its first message comes, and those of which the store holds rows at once.</summary>
internal sealed class ReplicaRouter(NodeWiring wiring) : UntypedActor
{
    protected override void PreStart()
    {
        try
        {
            foreach (var partition in wiring.Store.Partitions())
                if (partition.Index < wiring.Replicas.Count && Context.Child(partition.ToString()).IsNobody()) Create(partition);
        }
        catch (StoreFailedException fault)
        {
            wiring.Observe(new Observation.StoreFailed(fault.Message));
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
        // The replicas go on: the directory leads straight to them, and this actor holds nothing that they need.
    }

    protected override void OnReceive(object message)
    {
        if (message is not ReplicaInput input) return;
        var replica = Context.Child(input.Partition.ToString());
        (replica.IsNobody() ? Create(input.Partition) : replica).Tell(input);
    }

    private IActorRef Create(PartitionId partition)
    {
        var replica = Context.ActorOf(
            DynamoRoot.OfRequests(Props.Create(() => new ReplicaActor(wiring, partition))), partition.ToString());
        wiring.Replicas.Add(partition, replica);
        return replica;
    }
}
