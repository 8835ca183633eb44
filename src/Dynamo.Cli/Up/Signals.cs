using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dynamo.Cli.Up;

/// <summary>Asks a child process to end.</summary>
internal static class Signals
{
    private const int Sigterm = 15;

    /// <summary>Sends SIGTERM where there is one.</summary>
    /// <remarks>
    /// Windows has no such signal: there a console's Ctrl-C reaches every process started from it, so whoever stops has
    /// nothing to send and only waits.
    /// </remarks>
    public static void Terminate(Process process)
    {
        if (OperatingSystem.IsWindows() || process.HasExited) return;
        // It may have ended in between; then there is nobody to tell and the result does not matter.
        _ = Kill(process.Id, Sigterm);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
