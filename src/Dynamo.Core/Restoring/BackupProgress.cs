namespace Dynamo.Core;

/// <summary>How far a node has come with a backup of its store.</summary>
/// <param name="Folder">Where it goes, on the node's machine.</param>
/// <param name="IsRunning">Whether it is still being written.</param>
/// <param name="Bytes">Bytes written.</param>
/// <param name="BytesInAll">Bytes that there are, as far as is known yet.</param>
/// <param name="Error">Why it failed, one sentence; empty when it did not.</param>
public sealed record BackupProgress(string Folder, bool IsRunning, long Bytes, long BytesInAll, string Error);
