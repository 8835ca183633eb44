namespace Dynamo.Core;

/// <summary>How far a node has come with the backup that it is being restored from.</summary>
/// <param name="IsOver">Whether nothing of it is left to be looked at.</param>
/// <param name="Partitions">Partitions of the backup.</param>
/// <param name="PartitionsLeft">How many of them are not dealt with.</param>
/// <param name="PartitionsLeftOut">
/// How many were not taken from the backup, since keys were reaped in them, or the ring has changed, after it was made; the other owners give
/// what they hold.
/// </param>
/// <param name="KeysTaken">Records and hints that were merged into what the node holds.</param>
/// <param name="WaitsFor">Nodes whose answer is missing, the names joined; empty when it waits for nobody.</param>
public sealed record RestoreProgress(
    bool IsOver, int Partitions, int PartitionsLeft, int PartitionsLeftOut, long KeysTaken, string WaitsFor);
