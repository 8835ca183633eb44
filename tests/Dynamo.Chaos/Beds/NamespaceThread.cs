using System.Net;
using System.Net.Sockets;

namespace Dynamo.Chaos.Beds;

/// <summary>Does something inside a network namespace, on a thread that lives only for it.</summary>
/// <remarks>A socket belongs for life to the namespace it was made in, so whoever holds it may be anywhere.</remarks>
internal static class NamespaceThread
{
    /// <summary>Runs a function there.</summary>
    public static T Run<T>(string name, Func<T> function)
    {
        T result = default!;
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                Kernel.EnterNamespace(name);
                result = function();
            }
#pragma warning disable CA1031 // Whatever it is belongs to who asked.
            catch (Exception caught)
            {
                fault = caught;
            }
#pragma warning restore CA1031
        }) { IsBackground = true };
        thread.Start();
        thread.Join();
        return fault is null ? result : throw new ChaosException(fault.Message);
    }

    /// <summary>A socket that belongs to the namespace.</summary>
    public static Socket TcpSocket(string name) => Run(name, static () => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    /// <summary>An HTTP connection from inside the namespace.</summary>
    public static SocketsHttpHandler HttpHandler(string name) => new()
    {
        ConnectCallback = async (context, cancel) =>
        {
            var socket = await Task.Run(() => TcpSocket(name), cancel);
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
