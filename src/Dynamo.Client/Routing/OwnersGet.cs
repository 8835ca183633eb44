using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>A get that the client coordinates: which owners were asked, when, and what they have said.</summary>
internal sealed class OwnersGet(ulong id, GetRequest request, NodeId[] owners, Instant sent, Instant deadline, object asker)
{
    public ulong Id { get; } = id;

    public GetRequest Request { get; } = request;

    /// <summary>The owners in the order of the preference list, at most 16: their place is the attempt in the correlation number.</summary>
    public NodeId[] Owners { get; } = owners;

    public Instant Sent { get; } = sent;

    public Instant Deadline { get; } = deadline;

    public object Asker { get; } = asker;

    public OwnerAgreement Agreement { get; } = new(owners.Length);

    /// <summary>The first owner that has said what it holds; <c>default</c> when none has.</summary>
    public NodeId First { get; set; }

    /// <summary>Whether the client has its answer, or a node coordinates the get; late owners are listened to nonetheless.</summary>
    public bool IsOver { get; set; }

    /// <summary>When the router looks at it next; other times that are queued for it are out of date.</summary>
    public Instant NextLook { get; set; }
}
