namespace Dynamo.Embedded.Tests;

/// <summary>A folder that goes when the test does.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dynamo-embedded-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
