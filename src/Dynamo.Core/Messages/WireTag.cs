namespace Dynamo.Core;

/// <summary>The byte that names each message on the wire.</summary>
/// <remarks>
/// A new case takes the next free number; no number is ever given to another case or used again. Each member is
/// called as its record is, which a test checks, and cases that never leave their node have none.
/// </remarks>
internal enum MessageTag : byte
{
    ReplicaGet = 1,
    ReplicaGetReply = 2,
    ReplicaPut = 3,
    ReplicaPutReply = 4,
    ForwardPut = 5,
    ForwardAccepted = 6,
    ForwardReply = 7,
    Ping = 8,
    Pong = 9,
    GossipDigest = 10,
    GossipState = 11,
    ListPage = 12,
    ListPageReply = 13,
    ForwardIncrement = 14,
    IncrementTicket = 15,
    TreeGet = 20,
    TreeGetReply = 21,
    LeafGet = 22,
    LeafGetReply = 23,
    TreeDoubt = 24,
    ReapAsk = 25,
    ReapReply = 26,
    FenceIs = 27,
    LeaseAsk = 28,
    LeaseReply = 29,
    MembershipDigest = 30,
    MembershipState = 31,
    ReapRemove = 36,
    ReapedIs = 37,
    ReapedAsk = 38,
    ReapedReply = 39,
    ReplicaDigest = 40,
    ReplicaDigestReply = 41,
}

/// <summary>The byte that names each client request on the wire; numbered as <see cref="MessageTag"/> is.</summary>
internal enum RequestTag : byte
{
    GetRequest = 1,
    PutRequest = 2,
    DeleteRequest = 3,
    ListRequest = 4,
    IncrementRequest = 5,
    OwnerReadRequest = 6,
}

/// <summary>The byte that names each outcome on the wire; numbered as <see cref="MessageTag"/> is.</summary>
internal enum OutcomeTag : byte
{
    Found = 1,
    NotFound = 2,
    Stored = 3,
    Listing = 4,
    Unavailable = 5,
    TimedOut = 6,
    TooLarge = 7,
    BadContext = 8,
    BadRequest = 9,
    Overloaded = 10,
    NotReady = 11,
    OwnerRead = 12,
}
