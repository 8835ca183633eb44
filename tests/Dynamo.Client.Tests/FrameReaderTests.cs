using System.Buffers.Binary;

namespace Dynamo.Client.Tests;

/// <summary>Frames out of bytes that were cut anywhere.</summary>
public sealed class FrameReaderTests
{
    private const int Most = 128_000;

    [Fact]
    public void Whatever_the_cuts_the_frames_that_come_out_are_those_that_went_in()
    {
        int cutHeads = 0, cutBodies = 0, severalAtOnce = 0, empty = 0, longest = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            // Half of the runs have short frames, cut into pieces of a few bytes.
            var isFine = seed % 2 == 0;
            var frames = Enumerable.Range(0, random.Next(1, 40)).Select(_ => AnyFrame(random, isFine)).ToList();
            empty += frames.Count(static f => f.Length == 0);
            longest += frames.Count(static f => f.Length == Most);
            var bytes = frames.SelectMany(Framed).ToArray();
            var reader = new FrameReader(Most);
            var seen = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var room = reader.Room();
                Assert.True(room.Length > 0, "There is no room for what comes.");
                var some = Math.Min(Math.Min(room.Length, bytes.Length - at), isFine ? random.Next(1, 8) : random.Next(1, 100_000));
                bytes.AsSpan(at, some).CopyTo(room.Span);
                reader.Advance(some);
                at += some;
                var before = seen.Count;
                while (reader.TryRead(out var payload)) seen.Add(payload.ToArray());
                severalAtOnce += seen.Count - before > 1 ? 1 : 0;
                var begun = at - seen.Sum(static f => f.Length + FrameReader.HeadBytes);
                cutHeads += begun is > 0 and < FrameReader.HeadBytes ? 1 : 0;
                cutBodies += begun > FrameReader.HeadBytes ? 1 : 0;
            }

            Assert.Equal(frames.Select(Convert.ToHexString), seen.Select(Convert.ToHexString));
        }

        Assert.True(
            cutHeads > 500 && cutBodies > 500 && severalAtOnce > 200 && empty > 50 && longest > 50,
            $"Too few cases: {cutHeads} cut heads, {cutBodies} cut bodies, {severalAtOnce} times several at once, {empty} empty, {longest} of the longest.");
    }

    [Theory]
    [InlineData(Most + 1)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(0x20544547)] // "GET "
    public void A_length_that_no_frame_may_have_is_refused_before_any_room_is_made_for_it(int length)
    {
        var reader = new FrameReader(Most);
        BinaryPrimitives.WriteInt32LittleEndian(reader.Room().Span, length);
        reader.Advance(FrameReader.HeadBytes);
        Assert.Throws<InvalidDataException>(() => reader.TryRead(out _));
    }

    private static byte[] AnyFrame(Random random, bool isShort)
    {
        var frame = new byte[random.Next(10) switch
        {
            0 => 0, < 7 => random.Next(1, 100), _ when isShort => random.Next(1, 500), 7 => Most, _ => random.Next(1, Most),
        }];
        random.NextBytes(frame);
        return frame;
    }

    private static byte[] Framed(byte[] frame)
    {
        var framed = new byte[FrameReader.HeadBytes + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, frame.Length);
        frame.CopyTo(framed, FrameReader.HeadBytes);
        return framed;
    }
}
