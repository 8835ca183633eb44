using System.Globalization;

namespace Dynamo.Cli.Diagnosis;

/// <summary>Which process listens on a port, where the system tells: Linux, and processes of the same user.</summary>
internal static class PortOwner
{
    /// <summary>"name (pid 123)"; null when it is not known.</summary>
    public static string? Of(int port)
    {
        try
        {
            var sockets = Sockets(port);
            if (sockets.Count == 0) return null;
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
                if (int.TryParse(Path.GetFileName(folder), out var pid) && Holds(folder, sockets))
                    return $"{File.ReadAllText(Path.Combine(folder, "comm")).Trim()} (pid {pid})";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }

    // Of lines such as "0: 0100007F:1FA2 00000000:0000 0A ... 12345", 0A meaning that it listens.
    private static HashSet<string> Sockets(int port)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table)) continue;
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[3] == "0A"
                    && fields[1].EndsWith($":{port.ToString("X4", CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
                    found.Add($"socket:[{fields[9]}]");
            }
        }

        return found;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => sockets.Contains(new FileInfo(file).LinkTarget ?? ""));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Another user's, or gone.
            return false;
        }
    }
}
