namespace Dynamo.Cli.Up;

/// <summary>What <c>dynamo up</c> is to start.</summary>
internal sealed record UpOptions
{
    /// <summary>The largest number of nodes on one machine.</summary>
    public const int MaxNodes = 64;

    /// <summary>How far above its HTTP port a node's Akka.Remote port lies.</summary>
    public const int RemoteOffset = 10_000;

    /// <summary>How many nodes, 1..64; they are called node1, node2, ...</summary>
    public required int Nodes { get; init; }

    /// <summary>The first node's HTTP port; node i serves on Http + i - 1, all of them 1..65535.</summary>
    public required int Http { get; init; }

    /// <summary>The folder that holds one folder per node, as a full path.</summary>
    public required string Data { get; init; }

    /// <summary>"sqlite", "buffered" or "memory".</summary>
    public required string Engine { get; init; }

    /// <summary>Whether values are gone with the processes.</summary>
    public bool InMemory => Engine == "memory";

    /// <summary>Q, fixed when the cluster is created.</summary>
    public required int Partitions { get; init; }

    /// <summary>The nodes' names.</summary>
    public IReadOnlyList<string> Names => [.. Enumerable.Range(1, Nodes).Select(i => $"node{i}")];

    /// <summary>Everything that is wrong, in one line; "" when the options can be used.</summary>
    public string Check()
    {
        List<string> wrong = [];
        if (Nodes is < 1 or > MaxNodes) wrong.Add($"--nodes is {Nodes}; it must be 1 to {MaxNodes}.");
        else if (Http < 1 || HttpPort(Nodes - 1) > 65535)
            wrong.Add($"--http is {Http}; the ports from it to http + nodes - 1 must be 1 to 65535.");
        if (Partitions is < 8 or > 65536 || !int.IsPow2(Partitions))
            wrong.Add($"--partitions is {Partitions}; it must be a power of two, 8 to 65536.");
        return string.Join(' ', wrong);
    }

    /// <summary>The HTTP port of the node at an index.</summary>
    public int HttpPort(int index) => Http + index;

    /// <summary>The Akka.Remote port of the node at an index.</summary>
    /// <remarks>It must be the same after a restart: the cluster's first members are known by it.</remarks>
    public int RemotePort(int index) => Http + RemoteOffset + index;

    /// <summary>The address of the node at an index.</summary>
    public Uri Url(int index) => new($"http://127.0.0.1:{HttpPort(index)}");

    /// <summary>The folder of the node at an index.</summary>
    public string Folder(int index) => Path.Combine(Data, Names[index]);
}
