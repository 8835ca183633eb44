using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>What one node's own store holds for a key, asked of nobody else.</summary>
/// <param name="Status">How reading the partition replica ended; Missing when only hints are held.</param>
/// <param name="Record">The replica's record when Status is Found, else null.</param>
/// <param name="Hints">Records kept here for other nodes, sorted by owner; often empty.</param>
public sealed record LocalRecord(StoreReadStatus Status, Record? Record, ImmutableArray<LocalHint> Hints);

/// <summary>A record kept for another node.</summary>
/// <param name="Owner">The node it is intended for.</param>
/// <param name="Record">The record.</param>
public sealed record LocalHint(NodeId Owner, Record Record);
