using System.Globalization;

namespace Dynamo.Chaos.Beds;

/// <summary>What a run that was itself killed has left: processes, file systems and namespaces.</summary>
internal static class Leftovers
{
    /// <summary>Removes everything that belongs to the root folder of earlier runs.</summary>
    /// <param name="root">The folder below which the nodes of all runs keep their data; nobody else uses it.</param>
    public static void Remove(string root)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var process in ProcessesOver(root)) Kernel.Signal(process, Kernel.SigKill);
        foreach (var mount in Mounts().Where(m => m.StartsWith(root + "/", StringComparison.Ordinal))) Shell.Try("umount", "-l", mount);
        if (!Directory.Exists("/var/run/netns")) return;
        foreach (var name in Directory.GetFiles("/var/run/netns", NamespaceBed.Prefix + "*"))
            Shell.Try("ip", "netns", "del", Path.GetFileName(name));
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
