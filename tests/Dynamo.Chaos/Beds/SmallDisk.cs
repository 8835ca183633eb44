namespace Dynamo.Chaos.Beds;

/// <summary>A node's folder, on a small file system in memory where that is allowed, so that it can be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Chunk = 64 * 1024;
    private readonly bool _mounted;

    /// <summary>Makes the folder, and mounts a file system there when that is possible.</summary>
    public SmallDisk(string folder, int megabytes)
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        _mounted = OperatingSystem.IsLinux()
            && Shell.Try("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "dynchaos", Folder) is null;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whether it can be filled without filling the machine's disk.</summary>
    public bool CanBeFilled => _mounted;

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Takes all the space that is left; call again for what has been freed since.</summary>
    public void Fill()
    {
        if (!_mounted) throw new InvalidOperationException("Only a small disk may be filled.");
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var bytes = new byte[Chunk]; ;) file.Write(bytes);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        if (_mounted && Shell.Try("umount", Folder) is not null) Shell.Try("umount", "-l", Folder);
    }
}
