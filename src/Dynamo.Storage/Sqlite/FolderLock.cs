namespace Dynamo.Storage;

/// <summary>
/// Keeps a folder to one process: a file that is held open and not shared. The system frees it with the process.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder, creating it when missing.</summary>
    /// <exception cref="StorageOpenException">Another process has it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StorageOpenException($"The data folder {folder} cannot be used: {Reason(e)}.", e);
        }

        var path = Path.Combine(folder, FileName);
        try
        {
            // The bytes are for a person who wonders; what locks is that the file is not shared.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            file.Flush();
            return new FolderLock(file);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageOpenException($"The data folder {folder} cannot be written: {Reason(e)}.", e);
        }
        catch (IOException e)
        {
            throw new StorageOpenException(IsHeld(path)
                ? $"The data folder {folder} is in use by another node process."
                : $"The data folder {folder} cannot be written: {Reason(e)}.", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Reason(Exception e) => e.Message.TrimEnd('.');

    // Whether it is the lock that stands in the way: then the file is there, and neither its kind nor a right is the
    // reason.
    private static bool IsHeld(string path)
    {
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException e)
        {
            return e is not (FileNotFoundException or DirectoryNotFoundException);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
