using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A bug planted between the machines and their world: it drops, reorders or alters what they say, write and read.</summary>
/// <remarks>Core holds no switch for any of it. One is made for each run, so a mutant may remember.</remarks>
internal abstract class Mutant
{
    /// <summary>Whether writes are reported durable before they are.</summary>
    public virtual bool ReportsEarly => false;

    /// <summary>What becomes of a message: itself by default; none when it is lost, more when others join it.</summary>
    public virtual IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message)];

    /// <summary>What is really written of a write that will be reported as asked.</summary>
    public virtual IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) => changes;

    /// <summary>What a read gives.</summary>
    public virtual StoreRead OnRead(SimulatedDisk disk, PartitionId partition, Key key, StoreRead read) => read;

    /// <summary>What a store says of its lease.</summary>
    public virtual GenerationLease? OnLease(SimulatedDisk disk, PartitionId partition, GenerationLease? lease) => lease;

    /// <summary>What a store says of how often it has failed.</summary>
    public virtual int OnFailures(int failures) => failures;

    /// <summary>What a client is told.</summary>
    public virtual Outcome OnReply(Outcome outcome) => outcome;

    /// <summary>Whether a request is carried out twice.</summary>
    public virtual bool Repeats(ClientRequest request) => false;
}
