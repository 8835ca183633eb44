namespace Dynamo.Cli.Up;

/// <summary>How one node process is started: the only place that knows Dynamo.Node's command line.</summary>
/// <param name="Program">The path of Dynamo.Node.dll, or of an executable.</param>
/// <param name="Options">What is started.</param>
/// <param name="Index">Which of its nodes this is, 0-based.</param>
internal sealed record NodeLaunch(string Program, UpOptions Options, int Index)
{
    /// <summary>The node's name.</summary>
    public string Name => Options.Names[Index];

    /// <summary>The executable to start.</summary>
    public string Executable => IsAssembly
        ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet"
        : Program;

    /// <summary>Its arguments: settings that override the node's defaults.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        .. IsAssembly ? [Program] : Array.Empty<string>(),
        "-D", $"dynamo.node.name={Name}",
        "-D", $"dynamo.http.port={Options.HttpPort(Index)}",
        "-D", $"dynamo.storage.folder={Options.Folder(Index)}",
        "-D", $"dynamo.storage.engine={Options.Engine}",
        "-D", $"dynamo.cluster.partitions={Options.Partitions}",
        "-D", $"dynamo.cluster.members=[{string.Join(',', Members)}]",
    ];

    private IEnumerable<string> Members =>
        Options.Names.Select((name, i) => $"\"{name}@127.0.0.1:{Options.RemotePort(i)}\"");

    private bool IsAssembly => Program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
}
