using System.Net;
using System.Net.Sockets;

namespace Dynamo.Cli.Up;

/// <summary>Finds out before anything starts whether its ports are free.</summary>
internal static class Ports
{
    /// <summary>One sentence that names the ports in use; null when every one is free on 127.0.0.1.</summary>
    public static string? InUse(IEnumerable<int> ports)
    {
        List<int> taken = [.. ports.Where(port => !IsFree(port))];
        return taken.Count switch
        {
            0 => null,
            1 => $"Port {taken[0]} is in use: stop what listens there, or choose others with --http.",
            _ => $"Ports {string.Join(", ", taken)} are in use: stop what listens there, or choose others with --http.",
        };
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
