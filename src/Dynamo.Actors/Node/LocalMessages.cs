using System.Diagnostics;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>A message for one partition replica of this node.</summary>
internal sealed record ReplicaInput(PartitionId Partition, NodeId From, Message Message)
    : INoSerializationVerificationNeeded;

/// <summary>A message of a node, this one included, for whichever machine takes its kind.</summary>
internal sealed record FromNode(NodeId From, Message Message) : INoSerializationVerificationNeeded;

/// <summary>Messages of one frame for the coordinator: one mailbox entry for all of them.</summary>
internal sealed record FromNodeBatch(NodeId From, IReadOnlyList<Message> Messages) : INoSerializationVerificationNeeded;

/// <summary>Messages for other nodes, in order.</summary>
internal sealed record ToNodes(IReadOnlyList<Effect.Send> Messages) : INoSerializationVerificationNeeded;

/// <summary>A request of a client of this node, and who waits for its outcome.</summary>
internal sealed record Ask(ClientRequest Request, IAnswer Answer) : INoSerializationVerificationNeeded
{
    /// <summary>When it reached the node; null when nobody has looked.</summary>
    public Instant? At { get; init; }

    /// <summary>The activity that follows it; null when nobody listens.</summary>
    public Activity? Activity { get; init; }
}

/// <summary>Requests of one batch of a remote client.</summary>
internal sealed record AskBatch(IReadOnlyList<Ask> Requests) : INoSerializationVerificationNeeded;

/// <summary>A write that a machine waited for has ended.</summary>
/// <remarks>
/// Owner is the actor instance that asked: after a restart its successor must not take it for a write of its own.
/// </remarks>
internal sealed record Written(object Owner, WriteId Id, WriteResult Result) : INoSerializationVerificationNeeded;

/// <summary>A hint was stored here for <paramref name="Owner"/>.</summary>
internal sealed record HintWaits(NodeId Owner) : INoSerializationVerificationNeeded;

/// <summary>A node spoke.</summary>
internal sealed record Heard(NodeId Node) : INoSerializationVerificationNeeded;

/// <summary>What Akka.Cluster thinks of a node.</summary>
internal sealed record ClusterVerdict(NodeId Node, bool Reachable) : INoSerializationVerificationNeeded;

/// <summary>Sets a bucket's properties; the source ends with "" or one sentence.</summary>
internal sealed record SetProperties(string Bucket, BucketProperties? Properties, TaskCompletionSource<string> Done)
    : INoSerializationVerificationNeeded;

/// <summary>Compare everything with everybody now; the answer is given once that is under way.</summary>
internal sealed record Repair(ProgressAnswer Begun) : INoSerializationVerificationNeeded;

/// <summary>Asks what anti-entropy has done here, and what is left of a repair.</summary>
internal sealed record RepairProgress(ProgressAnswer Answer) : INoSerializationVerificationNeeded;
