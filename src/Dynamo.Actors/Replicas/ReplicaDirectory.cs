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

/// <summary>Creates the actor of a partition replica when its first message comes.</summary>
internal sealed class ReplicaRouter(NodeWiring wiring) : UntypedActor
{
    protected override void PreRestart(Exception reason, object message)
    {
        // The replicas go on: the directory leads straight to them, and this actor holds nothing that they need.
    }

    protected override void OnReceive(object message)
    {
        if (message is not ReplicaInput input) return;
        var name = input.Partition.ToString();
        var replica = Context.Child(name);
        if (replica.IsNobody())
        {
            replica = Context.ActorOf(
                DynamoRoot.OfRequests(Props.Create(() => new ReplicaActor(wiring, input.Partition))), name);
            wiring.Replicas.Add(input.Partition, replica);
        }

        replica.Tell(input);
    }
}
