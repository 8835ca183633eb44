using System.Diagnostics;
using System.Runtime.InteropServices;
using Dynamo.Cli.Up;

namespace Dynamo.Build;

/// <summary>A program that takes this one's place until it ends.</summary>
internal static class HandedOver
{
    /// <summary>Starts it and gives its exit code.</summary>
    /// <remarks>
    /// It inherits the terminal and the user's folder. Signals are passed on and this process outlives them, so
    /// that whoever started it waits for the program's own clean stop and sees its exit code.
    /// </remarks>
    public static int To(IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(DotNet.Host, arguments))!;
        // A terminal sends Ctrl-C to the whole group, so the program has it already; SIGTERM is for this process alone.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Signals.Terminate(process);
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
