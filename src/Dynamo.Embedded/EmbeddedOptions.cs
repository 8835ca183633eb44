using Dynamo.Core;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Embedded;

/// <summary>How an embedded cluster is made.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>Nodes, 1..64, named node1, node2 and so on; 3 by default. A folder that already holds a cluster must have begun with the same ones; those that joined since are started as well.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Q, a power of two, 8..65536; 256 by default. Fixed when the cluster is created.</summary>
    public int Partitions { get; init; } = 256;

    /// <summary>The cluster's name, 1..64 letters, digits, '-', '_' or '.'.</summary>
    public string ClusterName { get; init; } = "dynamo";

    /// <summary>Where the nodes keep their data, a folder for each inside it; null, the default, keeps it in memory.</summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// Lets the nodes answer for a write when it is in memory and say later that it is durable, as the engine <c>buffered</c> does, as long as
    /// no more than this waits; then a request's <c>dw</c> says how many must be durable. Needs a <see cref="DataFolder"/>; null, the default, for none.
    /// </summary>
    public BufferLimits? Buffer { get; init; }

    /// <summary>Zones of the nodes, in their order; nodes beyond the list have none. Empty by default.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>The HTTP port of the first node, the next ones counting up; 0 takes free ports; null, the default, serves no HTTP.</summary>
    public int? HttpPort { get; init; }

    /// <summary>What every request but /ping must bear as <c>Authorization: Bearer</c>; null by default: nothing.</summary>
    public string? HttpToken { get; init; }

    /// <summary>A PKCS #12 file with a certificate and its private key: then HTTPS is served; null, the default, serves HTTP.</summary>
    public string? HttpCertificate { get; init; }

    /// <summary>The file's password; "" by default.</summary>
    public string HttpCertificatePassword { get; init; } = "";

    /// <summary>Takes each event of a node's life, from whichever thread; quick, and never throws. null, the default, tells of faults alone, on the standard error.</summary>
    public Action<NodeEvent>? Log { get; init; }

    /// <summary>Whether traces name keys, and not buckets alone; off by default, since a key may be a person's name.</summary>
    public bool TraceKeys { get; init; }

    /// <summary>Times and limits of the nodes.</summary>
    public NodeSettings Settings { get; init; } = NodeSettings.Standard;
}
