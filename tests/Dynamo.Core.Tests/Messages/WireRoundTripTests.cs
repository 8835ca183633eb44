using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

public class WireRoundTripTests(ITestOutputHelper output)
{
    private const int Rounds = 200;

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        var random = new Prng(1);
        var bytes = 0L;
        foreach (var make in WireCases.Messages)
            for (var i = 0; i < Rounds; i++)
            {
                var message = make(random);
                var written = WireCases.Bytes(message);
                bytes += written.Length;
                var reader = new WireReader(written);
                var read = WireCodec.Read(ref reader);
                reader.End();
                Assert.Null(reader.Error);
                Assert.Equal(Dump.Of(message), Dump.Of(read));
            }

        output.WriteLine($"{WireCases.Messages.Length * Rounds} messages, {bytes} bytes.");
    }

    [Fact]
    public void Every_request_comes_back_as_it_was()
    {
        var random = new Prng(2);
        foreach (var make in WireCases.Requests)
            for (var i = 0; i < Rounds; i++)
            {
                var request = make(random);
                var writer = new WireWriter();
                WireCodec.WriteRequest(writer, request);
                var reader = new WireReader(writer.Written);
                var read = WireCodec.ReadRequest(ref reader);
                reader.End();
                Assert.Null(reader.Error);
                Assert.Equal(Dump.Of(request), Dump.Of(read));
            }
    }

    [Fact]
    public void Every_outcome_comes_back_as_it_was()
    {
        var random = new Prng(3);
        foreach (var make in WireCases.Outcomes)
            for (var i = 0; i < Rounds; i++)
            {
                var outcome = make(random);
                var writer = new WireWriter();
                WireCodec.WriteOutcome(writer, outcome);
                var reader = new WireReader(writer.Written);
                var read = WireCodec.ReadOutcome(ref reader);
                reader.End();
                Assert.Null(reader.Error);
                Assert.Equal(Dump.Of(outcome), Dump.Of(read));
            }
    }

    [Fact]
    public void A_frame_brings_its_messages_in_order()
    {
        var random = new Prng(4);
        Message[] messages = [.. WireCases.Messages.Select(make => make(random))];
        Assert.True(WireCodec.TryReadFrame(WireCases.Frame(messages), out var from, out var read, out var error), error);
        Assert.Equal(new NodeId("node1"), from);
        Assert.Equal(messages.Select(Dump.Of), read.Select(Dump.Of));
        Assert.True(WireCodec.TryReadFrame(WireCases.Frame(), out _, out read, out _));
        Assert.Empty(read);
    }

    [Fact]
    public void A_frame_of_messages_written_before_is_the_same_frame()
    {
        var random = new Prng(5);
        Message[] messages = [.. WireCases.Messages.Select(make => make(random))];
        var frame = new WireWriter();
        WireCodec.WriteFrame(frame, new NodeId("node1"), messages.Length, [.. messages.SelectMany(WireCases.Bytes)]);
        Assert.Equal(WireCases.Frame(messages), frame.ToArray());
    }

    [Fact]
    public void A_frame_has_at_most_65536_messages()
    {
        Message[] messages = [.. Enumerable.Repeat(new Ping(1), WireCodec.MaxMessages)];
        Assert.True(WireCodec.TryReadFrame(WireCases.Frame(messages), out _, out var read, out var error), error);
        Assert.Equal(messages.Length, read.Count);
        Assert.ThrowsAny<ArgumentException>(() => WireCases.Frame([.. messages, new Ping(1)]));
        Assert.ThrowsAny<ArgumentException>(
            () => WireCodec.WriteFrame(new WireWriter(), new NodeId("node1"), messages.Length + 1, []));
    }

    [Fact]
    public void A_full_value_passes()
    {
        var put = new PutRequest(
            Key.Of("b", "k"), default, new Value { Body = new byte[RecordCodec.MaxBodyBytes] }, PutOptions.None);
        var frame = WireCases.Frame(new ForwardPut(new RequestId(1), put, TimeSpan.FromSeconds(1)));
        Assert.True(WireCodec.TryReadFrame(frame, out _, out var read, out var error), error);
        Assert.Equal(put.Value, Assert.IsType<ForwardPut>(Assert.Single(read)).Request.Value);
    }

    [Fact]
    public void A_long_reason_is_cut_not_refused()
    {
        var frame = WireCases.Frame(new ForwardReply(new RequestId(1), new NotReady(new string('€', 5000))));
        Assert.True(WireCodec.TryReadFrame(frame, out _, out var read, out var error), error);
        Assert.Equal(new NotReady(new string('€', 1000)), Assert.IsType<ForwardReply>(read[0]).Outcome);
    }

    [Fact]
    public void Options_that_say_nothing_come_back_as_the_shared_none()
    {
        var writer = new WireWriter();
        WireCodec.WriteRequest(writer, new GetRequest(Key.Of("b", "k"), new GetOptions()));
        var reader = new WireReader(writer.Written);
        Assert.Same(GetOptions.None, Assert.IsType<GetRequest>(WireCodec.ReadRequest(ref reader)).Options);
    }

    [Fact]
    public void A_key_off_the_wire_is_placed_by_its_bytes()
    {
        var key = Key.Of("carts", "alice");
        var reader = new WireReader(WireCases.Bytes(new ReplicaGet(new RequestId(1), new PartitionId(3), key)));
        var read = Assert.IsType<ReplicaGet>(WireCodec.Read(ref reader));
        Assert.Equal(key, read.Key);
        Assert.Equal(key.Position, read.Key.Position);
    }
}
