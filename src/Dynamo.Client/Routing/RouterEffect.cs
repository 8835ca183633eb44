using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>One thing that a <see cref="RequestRouter"/> wants done.</summary>
internal abstract record RouterEffect
{
    private RouterEffect()
    {
    }

    /// <summary>Send a request to a node's gateway; whatever comes back bears the number.</summary>
    public sealed record Send(NodeId To, ulong Correlation, ClientRequest Request) : RouterEffect;

    /// <summary>
    /// Tell whoever asked how the request ended; <paramref name="Asker"/> is what the request was given with.
    /// </summary>
    public sealed record Done(object Asker, Outcome Outcome) : RouterEffect;

    /// <summary>Ask a node for the ring: to refresh it, or to hear whether the node lives.</summary>
    public sealed record AskRing(NodeId Node) : RouterEffect;

    /// <summary>Ask the configured contacts for the ring: no node of it is known, or none answers.</summary>
    public sealed record AskContacts : RouterEffect
    {
        /// <summary>The one there is.</summary>
        public static readonly AskContacts Instance = new();
    }
}
