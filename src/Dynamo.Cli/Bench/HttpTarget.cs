using System.Net;

namespace Dynamo.Cli.Bench;

/// <summary>Nodes over HTTP: connections are dealt out to them in turn.</summary>
internal sealed class HttpTarget : IBenchTarget
{
    private readonly IReadOnlyList<(EndPoint To, string Host)> _nodes;
    private readonly string _head;

    /// <param name="nodes">Their addresses, resolved.</param>
    /// <param name="bucket">The bucket, which needs no escaping.</param>
    /// <param name="valueBytes">The size of values written.</param>
    /// <param name="token">The bearer token; null for none.</param>
    public HttpTarget(IReadOnlyList<(EndPoint To, string Host)> nodes, string bucket, int valueBytes, string? token)
    {
        _nodes = nodes;
        Bucket = bucket;
        _head = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        Value = MakeValue(valueBytes);
    }

    /// <summary>A value to write: neither all zeros nor the same everywhere, so that nothing on the way can make it smaller.</summary>
    public static byte[] MakeValue(int bytes)
    {
        var value = new byte[bytes];
        new Random(bytes).NextBytes(value);
        return value;
    }

    /// <summary>The bucket that all keys are in.</summary>
    public string Bucket { get; }

    /// <summary>What is written.</summary>
    public byte[] Value { get; }

    /// <inheritdoc/>
    public IBenchConnection Connect(int number)
    {
        var (to, host) = _nodes[number % _nodes.Count];
        return new HttpConnection(this, to, $"Host: {host}\r\n{_head}");
    }
}
