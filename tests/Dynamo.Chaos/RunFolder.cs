using Dynamo.Chaos.Beds;

namespace Dynamo.Chaos;

/// <summary>What a run came to.</summary>
internal interface IReport
{
    /// <summary>Whether all is as it should be.</summary>
    bool IsClean { get; }

    /// <summary>For programs.</summary>
    string ToJson();

    /// <summary>For people, line by line.</summary>
    IEnumerable<string> Describe();
}

/// <summary>The one folder for the nodes' data of the one run that a machine can have at a time.</summary>
internal sealed class RunFolder : IDisposable
{
    /// <summary>What the names of all namespaces of a run begin with.</summary>
    public const string NamespacePrefix = "dynchaos";

    private readonly FileStream _lock;

    private RunFolder(FileStream held, string path) => (_lock, Path) = (held, path);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Takes it, and removes what a run that was killed has left.</summary>
    public static RunFolder Take()
    {
        var root = System.IO.Path.Combine(System.IO.Path.GetTempPath().TrimEnd(System.IO.Path.DirectorySeparatorChar), "dynamo-chaos");
        FileStream held;
        try
        {
            Directory.CreateDirectory(root);
            held = new FileStream(System.IO.Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ChaosException($"Another run holds {root}, and there can be one at a time on a machine: {fault.Message}");
        }

        Leftovers.Remove(root, NamespacePrefix);
        var path = System.IO.Path.Combine(root, "run");
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return new RunFolder(held, Directory.CreateDirectory(path).FullName);
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }
}
