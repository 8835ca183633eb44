using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>A put of 100 bytes between nodes: writing and reading together under 1 us.</summary>
public class WireCodecBenchmarks
{
    private const int Batch = 64;

    private readonly ReplicaPut _put = new(
        new RequestId(123_456), new PartitionId(77), Samples.Key, Samples.Record(("node2", 1234)), default,
        PutReason.Write);

    private readonly PutRequest _request = new(
        Samples.Key, ReadOnlyMemory<byte>.Empty, new Value { Body = new byte[100] }, PutOptions.None);

    private readonly WireWriter _writer = new(64 * 1024);
    private readonly Message[] _batch = new Message[Batch];
    private readonly byte[] _put1;
    private readonly byte[] _frame;

    public WireCodecBenchmarks()
    {
        Array.Fill(_batch, _put);
        var writer = new WireWriter();
        WireCodec.Write(writer, _put);
        _put1 = writer.ToArray();
        writer.Clear();
        WireCodec.WriteFrame(writer, new NodeId("node1"), _batch);
        _frame = writer.ToArray();
    }

    [Benchmark]
    public int WriteReplicaPut()
    {
        _writer.Clear();
        WireCodec.Write(_writer, _put);
        return _writer.Length;
    }

    [Benchmark]
    public Message? ReadReplicaPut()
    {
        var reader = new WireReader(_put1);
        return WireCodec.Read(ref reader);
    }

    [Benchmark]
    public Message? ReplicaPutBothWays()
    {
        _writer.Clear();
        WireCodec.Write(_writer, _put);
        var reader = new WireReader(_writer.Written);
        return WireCodec.Read(ref reader);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int ReplicaPutBothWaysInFrameOf64()
    {
        _writer.Clear();
        WireCodec.WriteFrame(_writer, new NodeId("node1"), _batch);
        return WireCodec.TryReadFrame(_writer.Written, out _, out var messages, out _) ? messages.Count : 0;
    }

    [Benchmark]
    public ClientRequest? PutRequestBothWays()
    {
        _writer.Clear();
        WireCodec.WriteRequest(_writer, _request);
        var reader = new WireReader(_writer.Written);
        return WireCodec.ReadRequest(ref reader);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public bool ReadFrameOf64() => WireCodec.TryReadFrame(_frame, out _, out _, out _);
}
