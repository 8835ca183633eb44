using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Chaos.Beds;

/// <summary>The few calls of Linux for which .NET has no words; signals are those of every Unix.</summary>
internal static class Kernel
{
    public const int SigTerm = 15, SigKill = 9;

    // Numbered differently by the two families of Unix.
    public static readonly int SigStop = OperatingSystem.IsLinux() ? 19 : 17, SigCont = OperatingSystem.IsLinux() ? 18 : 19;

    private const int FirstInFirstOut = 1;
    private const int ReadWrite = 2, ReadOnly = 0, CloseOnExec = 0x80000, NetworkNamespace = 0x40000000;
    private const nuint SetInterface = 0x400454ca;
    private const short Tun = 0x0001, NoPacketHeader = 0x1000;
    private const short PollIn = 1;

    /// <summary>Sends a signal; a process that has ended in between does not matter.</summary>
    public static void Signal(int process, int signal) => _ = kill(process, signal);

    /// <summary>Moves the calling thread into a network namespace that <c>ip netns</c> made.</summary>
    public static void EnterNamespace(string name)
    {
        var file = open(Text($"/var/run/netns/{name}"), ReadOnly | CloseOnExec);
        Check(file, $"The namespace {name} cannot be opened");
        var result = setns(file, NetworkNamespace);
        var error = Marshal.GetLastPInvokeError();
        _ = close(file);
        if (result < 0) throw new ChaosException($"The namespace {name} cannot be entered: {new Win32Exception(error).Message}.");
    }

    /// <summary>Lets the calling thread run before all usual ones, where that is allowed.</summary>
    public static void RunFirst()
    {
        var priority = 1;
        _ = sched_setscheduler(0, FirstInFirstOut, ref priority);
    }

    /// <summary>Makes a network device whose packets this process carries, in the namespace of the calling thread.</summary>
    public static int OpenTun(string device)
    {
        var file = open(Text("/dev/net/tun"), ReadWrite | CloseOnExec);
        Check(file, "/dev/net/tun cannot be opened");
        // struct ifreq: 16 bytes of name, then the flags, 40 bytes in all.
        var request = new byte[40];
        Encoding.ASCII.GetBytes(device, request);
        BitConverter.TryWriteBytes(request.AsSpan(16), (short)(Tun | NoPacketHeader));
        Check(ioctl(file, SetInterface, request), $"The device {device} cannot be made");
        return file;
    }

    /// <summary>Waits for a packet and reads it; 0 when there was none in that time or the device has gone.</summary>
    /// <param name="file">The device.</param>
    /// <param name="into">Receives the packet.</param>
    /// <param name="wait">How long; nothing and less mean not at all. The kernel may be a twentieth of a millisecond late.</param>
    public static int ReadPacket(int file, byte[] into, TimeSpan wait)
    {
        var ask = new Poll { File = file, Events = PollIn };
        var time = Time.Of(wait);
        return ppoll(ref ask, 1, ref time, 0) <= 0 ? 0 : Math.Max(0, (int)read(file, into, (nuint)into.Length));
    }

    /// <summary>Lets time pass, where what .NET has for it, which counts whole milliseconds, is too coarse. Linux only.</summary>
    /// <param name="time">How long, with the kernel's usual twentieth of a millisecond to spare; nothing and less mean not at all.</param>
    public static void Pass(TimeSpan time)
    {
        var nothing = default(Poll);
        var wait = Time.Of(time);
        _ = ppoll(ref nothing, 0, ref wait, 0);
    }

    /// <summary>Sends a packet; one that does not fit is lost, as on any network.</summary>
    public static void WritePacket(int file, byte[] packet, int length) => _ = write(file, packet, (nuint)length);

    public static void Close(int file) => _ = close(file);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static void Check(int result, string what)
    {
        if (result < 0) throw new ChaosException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int File;
        public short Events, Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds, Nanoseconds;

        public static Time Of(TimeSpan span)
        {
            var ticks = Math.Max(0, span.Ticks);
            var (seconds, rest) = (ticks / TimeSpan.TicksPerSecond, ticks % TimeSpan.TicksPerSecond);
            return new Time { Seconds = (nint)seconds, Nanoseconds = (nint)(rest * TimeSpan.NanosecondsPerTick) };
        }
    }

#pragma warning disable SYSLIB1054, IDE1006, CA5392 // The names are the kernel's; generated marshalling would ask for unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc")]
    private static extern int close(int file);

    [DllImport("libc", SetLastError = true)]
    private static extern int setns(int file, int kind);

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(int file, nuint request, byte[] argument);

    [DllImport("libc")]
    private static extern int ppoll(ref Poll asks, nuint count, ref Time wait, nint signals);

    [DllImport("libc")]
    private static extern int sched_setscheduler(int thread, int policy, ref int priority);

    [DllImport("libc")]
    private static extern nint read(int file, byte[] buffer, nuint length);

    [DllImport("libc")]
    private static extern nint write(int file, byte[] buffer, nuint length);

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
#pragma warning restore SYSLIB1054, IDE1006, CA5392
}
