using System.Buffers.Binary;
using System.Text;
using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>Making a key, position included: once per request at each node it passes.</summary>
public class KeyBenchmarks
{
    private readonly byte[] _short = Encoding.UTF8.GetBytes("customer/0001234567");
    private readonly byte[] _other = Encoding.UTF8.GetBytes("customer/0001234567");
    private readonly byte[] _long = new byte[1024];
    private long _met;

    [Benchmark]
    public Key KeyMetBefore() => Make(_short);

    [Benchmark]
    public Key KeyMetFirst()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_other, ++_met);
        return Make(_other);
    }

    [Benchmark]
    public Key KeyOf1KiB() => Make(_long);

    private static Key Make(byte[] name)
    {
        Key.TryCreate("shopping-carts", name, out var key, out _);
        return key;
    }
}
