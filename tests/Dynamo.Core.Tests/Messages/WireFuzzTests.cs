using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

/// <summary>Bytes that nobody vouches for never throw, cost in proportion, and are refused with a sentence.</summary>
public class WireFuzzTests(ITestOutputHelper output)
{
    private const int Random = 30_000, Frames = 40_000, Records = 15_000, Contexts = 15_000;

    private int _read, _refused;

    [Fact]
    public void Random_bytes_and_damaged_frames_records_and_contexts_never_throw()
    {
        RandomBytes();
        Report("random inputs", Random, mustRead: false);
        DamagedFrames();
        Report("damaged frames", Frames, mustRead: true);
        DamagedRecords();
        Report("damaged records", Records, mustRead: true);
        DamagedContexts();
        Report("damaged contexts", Contexts, mustRead: false);
        output.WriteLine($"{Random + Frames + Records + Contexts} inputs in all.");
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused_with_a_sentence()
    {
        var random = new Prng(11);
        var cuts = 0;
        foreach (var make in WireCases.Messages)
            for (var i = 0; i < 5; i++)
            {
                var bytes = WireCases.Bytes(make(random));
                for (var length = 0; length < bytes.Length; length++, cuts++)
                {
                    var reader = new WireReader(bytes.AsSpan(0, length));
                    Assert.Null(WireCodec.Read(ref reader));
                    AssertSentence(reader.Error);
                }
            }

        output.WriteLine($"{cuts} cuts.");
    }

    [Fact]
    public void A_frame_and_a_context_cut_anywhere_are_refused_with_a_sentence()
    {
        var random = new Prng(12);
        var frame = WireCases.Frame([.. WireCases.Messages.Select(make => make(random))]);
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.False(WireCodec.TryReadFrame(frame.AsSpan(0, length), out _, out var messages, out var error));
            Assert.Empty(messages);
            AssertSentence(error);
        }

        var codec = new ContextCodec("key"u8);
        var key = Any.Key(random);
        var token = codec.Encode(key, new CausalContext(Any.Vector(random), Any.Node(random)));
        for (var length = 0; length < token.Length; length++)
        {
            Assert.False(codec.TryDecode(key, token.AsSpan(0, length), out _, out var error));
            AssertSentence(error);
        }
    }

    [Theory]
    [InlineData("", "The input ends too early.")]
    [InlineData("01 056E6F646531 00", "The frame has format version 1; this node reads version 2.")]
    [InlineData("02 00 00", "The frame names no sender.")]
    [InlineData("02 016F 01 C801", "No message has the tag 200.")]
    [InlineData("02 016F 01 0001", "No message has the tag 0.")]
    [InlineData("02 022F2F 00", "A node's name is not one.")]
    [InlineData("02 02C328 00", "A text is not valid UTF-8.")]
    [InlineData("02 016F 00 00", "1 byte is left over.")]
    [InlineData("02 016F 00 0000", "2 bytes are left over.")]
    [InlineData("02 016F 818004", "A count is 65537; at most 65536 is allowed here.")]
    [InlineData("02 016F 808004", "The input ends too early.")] // 65,536 messages are promised and none follow.
    [InlineData("02 016F 01 08 FFFFFFFFFFFFFFFFFF02", "A number has more than 64 bits.")]
    [InlineData("02 016F 01 01 01 808004 0161 0161", "A count is 65536; at most 65535 is allowed here.")]
    [InlineData("02 016F 01 01 01 01 00 0161 00000000000000000000000000000000", "A bucket or key is empty.")]
    [InlineData("02 016F 01 01 01 01 0161 00 00000000000000000000000000000000", "A bucket or key is empty.")]
    [InlineData("02 016F 01 01 01 01 8002 00", "A count is 256; at most 255 is allowed here.")]
    [InlineData("02 016F 01 01 01 01 0161 8120 00", "A count is 4097; at most 4096 is allowed here.")]
    [InlineData("02 016F 01 04 01 02 00 00", "A truth value is neither 0 nor 1.")]
    [InlineData("02 016F 01 04 01 00 09 00", "No WriteRefusal has the number 9.")]
    [InlineData("02 016F 01 05 01 01 0161 0162 00 00", "A forwarded request is not a put.")]
    [InlineData("02 016F 01 07 01 63", "No outcome has the tag 99.")]
    [InlineData("02 016F 01 05 01 63", "No request has the tag 99.")]
    [InlineData("02 016F 01 0B 00 02 016102016F00 016101016F00 00", "A bucket's properties come twice.")]
    [InlineData("02 016F 01 0B 00 01 0161 02 016F 01 03 07 04 03 03 03 01 00 01 00 00",
        "r is 4; it must be 1 to 3, the bucket's n_val, or one of quorum, all, one, default.")]
    [InlineData("02 016F 01 02 01 01 8120", "A count is 4097; at most 4096 is allowed here.")]
    public void Nonsense_is_refused_with_the_sentence_that_fits(string hex, string sentence)
    {
        Assert.False(WireCodec.TryReadFrame(Convert.FromHexString(hex.Replace(" ", "")), out _, out _, out var error));
        Assert.Equal(sentence, error);
    }

    private void RandomBytes()
    {
        var random = new Prng(21);
        for (var i = 0; i < Random; i++)
        {
            var bytes = Any.Bytes(random, random.Below(120));

            // Half of them begin as a frame does, else nearly all would fail at the first byte.
            if (i % 2 == 0 && bytes.Length > 6)
                new byte[] { WireCodec.Version, 1, (byte)'n', 1, (byte)(1 + random.Below(13)) }.CopyTo(bytes, 0);
            ReadFrame(bytes);
        }
    }

    private void DamagedFrames()
    {
        var random = new Prng(22);
        byte[] frame = [];
        for (var i = 0; i < Frames; i++)
        {
            if (i % 20 == 0)
            {
                var first = WireCases.Messages[i / 20 % WireCases.Messages.Length](random);
                frame = WireCases.Frame(first, WireCases.Messages[random.Below(WireCases.Messages.Length)](random));
            }

            ReadFrame(Mutation.Of(random, frame));
        }
    }

    private void DamagedRecords()
    {
        var random = new Prng(23);
        byte[] record = [], vector = [];
        for (var i = 0; i < Records; i++)
        {
            if (i % 20 == 0)
            {
                record = RecordCodec.ToBytes(Any.Record(random));
                var writer = new WireWriter();
                RecordCodec.Write(writer, Any.Vector(random));
                vector = writer.ToArray();
            }

            if (i % 2 == 0) Count(RecordCodec.TryRead(Mutation.Of(random, record), out _), null);
            else
            {
                var reader = new WireReader(Mutation.Of(random, vector));
                RecordCodec.ReadVector(ref reader);
                Count(!reader.Failed, reader.Error);
            }
        }
    }

    private void DamagedContexts()
    {
        var random = new Prng(24);
        var codec = new ContextCodec("key"u8);
        var key = Any.Key(random);
        for (var i = 0; i < Contexts; i++)
        {
            var token = codec.Encode(key, new CausalContext(Any.Vector(random), Any.MaybeNode(random)));
            var damaged = Mutation.Of(random, token);
            var read = codec.TryDecode(key, damaged, out _, out var error);
            Assert.False(read && !damaged.AsSpan().SequenceEqual(token), "A damaged context was taken.");
            Count(read, error);
        }
    }

    // What was understood can be written again and means the same: no half-made message gets through.
    private void ReadFrame(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = WireCodec.TryReadFrame(bytes, out var from, out var messages, out var error);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            allocated < 20_000 + (100 * bytes.Length),
            $"{bytes.Length} bytes made {allocated}: {Convert.ToHexString(bytes)}");
        Count(read, error);
        if (!read) return;
        var writer = new WireWriter();
        WireCodec.WriteFrame(writer, from, messages);
        Assert.True(WireCodec.TryReadFrame(writer.Written, out _, out var again, out error), error);
        Assert.Equal(messages.Select(Dump.Of), again.Select(Dump.Of));
    }

    private void Count(bool read, string? error)
    {
        if (read) _read++;
        else
        {
            _refused++;
            if (error is not null) AssertSentence(error);
        }
    }

    private void Report(string what, int expected, bool mustRead)
    {
        output.WriteLine($"{expected} {what}: {_refused} refused, {_read} read.");
        Assert.Equal(expected, _refused + _read);
        Assert.True(_refused > expected / 10, "Hardly anything was refused: the inputs are too tame.");
        Assert.True(!mustRead || _read > expected / 100, "Hardly anything was read: the inputs are too wild.");
        _refused = _read = 0;
    }

    private static void AssertSentence(string? error)
    {
        Assert.NotNull(error);
        Assert.Matches("^[A-Za-z0-9].*\\.$", error);
    }
}
