using System.Net;
using System.Net.Sockets;

namespace Dynamo.Cli.Tests;

/// <summary>Ports on which nobody listens.</summary>
internal static class FreePort
{
    // Below the range from which the system gives out ports of its own, those 10,000 above included, so that nobody is
    // handed one in between.
    private static int s_next = 11_000 + (Environment.ProcessId * 16 % 8_000);

    /// <summary>A free port, with <paramref name="count"/> - 1 after it and those 10,000 above them free too.</summary>
    public static int Next(int count = 1)
    {
        while (true)
        {
            var first = Interlocked.Add(ref s_next, count) - count;
            if (Enumerable.Range(first, count).All(port => IsFree(port) && IsFree(port + 10_000))) return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
