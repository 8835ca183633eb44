namespace Dynamo.Chaos.Checkers;

/// <summary>One fault as it happened; times in microseconds since 1970, as in the history.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Description">What happened to whom.</param>
/// <param name="Began">When it began to happen.</param>
/// <param name="Happened">When it had happened.</param>
/// <param name="Healing">When it began to heal.</param>
/// <param name="Healed">When all nodes reached each other again.</param>
/// <param name="Silenced">Nodes, from 0, of which nothing could be asked meanwhile.</param>
internal sealed record FaultWindow(
    string Kind, string Description, long Began, long Happened, long Healing, long Healed, IReadOnlyList<int> Silenced)
{
    /// <summary>Whether no node was left that a client library could have asked.</summary>
    public bool LeavesNobody { get; init; }
}
