using System.Runtime.CompilerServices;

namespace Dynamo.Core.Tests;

public class MessageRoomTests
{
    [Fact]
    public void Every_message_has_a_room()
    {
        var cases = typeof(Message).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(Message))).ToList();
        Assert.True(cases.Count >= 15, $"only {cases.Count} messages were found");
        foreach (var type in cases) ((Message)RuntimeHelpers.GetUninitializedObject(type)).RoomOf(out _);
    }

    [Fact]
    public void An_answer_finds_its_way_to_who_asked()
    {
        var reply = new ReplicaPutReply(new RequestId(7), true, WriteRefusal.None, default);
        Assert.Equal(MessageRoom.Coordinator, reply.RoomOf(out _));
        var handoff = reply with { Id = new RequestId(7 | RequestId.HandoffBit) };
        Assert.Equal(MessageRoom.Handoff, handoff.RoomOf(out _));
        Assert.Equal(MessageRoom.Replica, new ReplicaGet(new RequestId(7), new PartitionId(5), null!).RoomOf(out var partition));
        Assert.Equal(5, partition.Index);
    }
}
