using System.Runtime.CompilerServices;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>Which messages count as a request's.</summary>
public sealed class MessagePurposeTests
{
    [Fact]
    public void Of_all_messages_these_belong_to_requests()
    {
        var cases = typeof(Message).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(Message))).ToList();
        Assert.True(cases.Count >= 15, $"only {cases.Count} messages were found");
        string[] ofRequests =
        [
            nameof(CoordinateWrite), nameof(CoordinateWriteReply), nameof(ForwardAccepted), nameof(ForwardIncrement), nameof(ForwardPut),
            nameof(ForwardReply), nameof(IncrementTicket), nameof(ListPage), nameof(ListPageReply),
            nameof(ReplicaDigest), nameof(ReplicaDigestReply), nameof(ReplicaGet), nameof(ReplicaGetReply), nameof(ReplicaPut), nameof(ReplicaPutReply),
        ];
        Assert.Equal(
            ofRequests,
            cases.Where(static t => ((Message)RuntimeHelpers.GetUninitializedObject(t)).IsOfRequest()).Select(static t => t.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(RequestId.SyncBit, false)]
    [InlineData(RequestId.HandoffBit, false)]
    public void An_answer_belongs_to_what_was_asked_for(ulong bit, bool isOfRequest)
    {
        var id = new RequestId(7 | bit);
        Assert.Equal(isOfRequest, new ReplicaPutReply(id, true, WriteRefusal.None, default).IsOfRequest());
        Assert.Equal(isOfRequest, new ReplicaGetReply(id, StoreReadStatus.Missing, Core.Record.Empty).IsOfRequest());
    }

    [Theory]
    [InlineData(PutReason.Write, true)]
    [InlineData(PutReason.ReadRepair, true)]
    [InlineData(PutReason.Handoff, false)]
    [InlineData(PutReason.AntiEntropy, false)]
    public void A_record_says_why_it_is_sent(PutReason reason, bool isOfRequest) => Assert.Equal(
        isOfRequest, new ReplicaPut(new RequestId(7), default, Key.Of("b", "k"), Core.Record.Empty, default, reason).IsOfRequest());
}
