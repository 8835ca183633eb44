using System.Globalization;

namespace Dynamo.Chaos.Beds;

/// <summary>What a run that was itself killed has left: processes, file systems and namespaces.</summary>
internal static class Leftovers
{
    private const string Namespaces = "/var/run/netns";

    /// <summary>Removes everything that belongs to earlier runs, of which none is under way.</summary>
    /// <param name="root">The folder below which the nodes of all runs keep their data; nobody else uses it.</param>
    /// <param name="prefix">What the names of their namespaces begin with.</param>
    public static void Remove(string root, string prefix)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var process in ProcessesOver(root)) Kernel.Signal(process, Kernel.SigKill);
        foreach (var mount in Mounts().Where(m => m.StartsWith(root + "/", StringComparison.Ordinal))) Shell.Try("umount", "-l", mount);
        RemoveNamespaces(name => name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Removes namespaces with the processes in them.</summary>
    /// <param name="isLeft">Whether one of this name was left by an earlier run.</param>
    public static void RemoveNamespaces(Predicate<string> isLeft)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Namespaces)) return;
        foreach (var name in Directory.GetFiles(Namespaces).Select(static path => Path.GetFileName(path)).Where(name => isLeft(name)))
        {
            if (Shell.Try(out var inside, "ip", "netns", "pids", name) is null)
                foreach (var line in inside.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    Kernel.Signal(int.Parse(line, CultureInfo.InvariantCulture), Kernel.SigKill);
            Shell.Try("ip", "netns", "del", name);
        }
    }

    // A program of ours names a folder below the root on its command line; nobody else does.
    private static IEnumerable<int> ProcessesOver(string root)
    {
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)) continue;
            if (process == Environment.ProcessId) continue;
            var command = "";
            try
            {
                command = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (command.Contains($"dynamo.storage.folder={root}/", StringComparison.Ordinal)
                || command.Contains($"--run={root}/", StringComparison.Ordinal)) yield return process;
        }
    }

    private static IEnumerable<string> Mounts() =>
        File.ReadLines("/proc/mounts").Select(static line => line.Split(' ')).Where(static p => p.Length > 1).Select(static p => p[1]);
}
