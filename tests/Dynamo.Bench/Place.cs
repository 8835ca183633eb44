namespace Dynamo.Bench;

/// <summary>The programs that are measured and those that measure them, as paths of assemblies.</summary>
/// <param name="Node">Dynamo.Node.</param>
/// <param name="Load">Dynamo.Actors.Benchmarks.</param>
/// <param name="Tool">The dynamo tool.</param>
internal sealed record Programs(string Node, string Load, string Tool);

/// <summary>Where a run takes place, and how long it measures.</summary>
internal sealed record Place
{
    /// <summary>What is started.</summary>
    public required Programs Programs { get; init; }

    /// <summary>A folder on the disk that durable writes are measured on; what is in it goes with the run.</summary>
    public required string Data { get; init; }

    /// <summary>The folder of what processes print.</summary>
    public required string Logs { get; init; }

    /// <summary>How long each load is measured, and drives before.</summary>
    public required int Seconds { get; init; }

    /// <inheritdoc cref="Seconds"/>
    public required int WarmUp { get; init; }

    /// <summary>How long the scenarios of a given rate are measured.</summary>
    public required int LongSeconds { get; init; }

    /// <summary>How long the disk rests before latencies on it are compared.</summary>
    public required TimeSpan Rest { get; init; }

    /// <summary>How many hints are replayed.</summary>
    public required int Hints { get; init; }

    /// <summary>Numbers of keys at which DistributedData and Dynamo are compared.</summary>
    public required IReadOnlyList<int> KeyCounts { get; init; }

    /// <summary>Few keys and many, between which a request's latency is to grow little.</summary>
    public required IReadOnlyList<int> GrowthKeys { get; init; }

    /// <summary>The SDK's host that runs this program.</summary>
    public string Host { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    /// <summary>An empty folder for data.</summary>
    public string EmptyFolder()
    {
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
        return Directory.CreateDirectory(Data).FullName;
    }
}
