using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>The batches between clients and gateways.</summary>
public sealed class CodecTests
{
    [Fact]
    public void A_batch_of_requests_survives_the_way()
    {
        var writer = new WireWriter();
        ClientCodec.WriteHead(writer, 3);
        ClientCodec.Write(writer, 16, RouterDriver.Read);
        ClientCodec.Write(writer, ulong.MaxValue, RouterDriver.Remove(context: true));
        ClientCodec.Write(writer, 17, new IncrementRequest(RouterDriver.Cart, -5, PutOptions.None));
        var read = ClientCodec.TryRead(
            writer.Written, out List<(ulong Correlation, ClientRequest Request)> requests, out var error);
        Assert.True(read, error);
        Assert.Equal(new IncrementRequest(RouterDriver.Cart, -5, PutOptions.None), requests[2].Request);
        Assert.Equal([16UL, ulong.MaxValue, 17UL], requests.Select(static r => r.Correlation));
        Assert.Equal(RouterDriver.Read, requests[0].Request);
    }

    [Fact]
    public void A_batch_of_answers_says_how_new_the_nodes_ring_is()
    {
        var writer = new WireWriter();
        ClientCodec.WriteReplyHead(writer, 42, 1);
        ClientCodec.Write(writer, 3, NotFound.Nothing);
        var read = ClientCodec.TryRead(
            writer.Written, out List<(ulong Correlation, Outcome Outcome)> outcomes, out var version, out var error);
        Assert.True(read, error);
        Assert.Equal(42UL, version);
        Assert.IsType<NotFound>(Assert.Single(outcomes).Outcome);
    }

    [Fact]
    public void Cut_or_altered_batches_are_refused_with_a_sentence_and_never_throw()
    {
        var writer = new WireWriter();
        ClientCodec.WriteReplyHead(writer, 1, 1);
        ClientCodec.Write(writer, 3, new NotReady("Starting."));
        var bytes = writer.ToArray();
        for (var length = 0; length < bytes.Length; length++)
            Refused(bytes.AsSpan(0, length));
        Refused([.. bytes, 0]);
        Refused([9, .. bytes.AsSpan(1)]);

        static void Refused(ReadOnlySpan<byte> bytes)
        {
            var read = ClientCodec.TryRead(
                bytes, out List<(ulong Correlation, Outcome Outcome)> outcomes, out _, out var error);
            Assert.False(read);
            Assert.Empty(outcomes);
            Assert.EndsWith(".", error);
        }
    }
}
