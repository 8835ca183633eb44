using System.Net.Sockets;
using System.Text;

namespace Dynamo.Client;

/// <summary>Looks at the first bytes of a connection that has been accepted: whether it is to be a lane.</summary>
/// <remarks>On a thread of its own that then is the lane's, with blocking reads alone: a socket that was once read without them is never the same again.</remarks>
internal sealed class Doorman(SocketTransport transport, TimeSpan patience, int mostFrameBytes, Action<Socket, byte[]> forAkka)
{
    // Each has a thread. Systems beyond are served over associations.
    private const int MostThreads = 512;

    private static readonly TimeSpan KeepAliveAfter = TimeSpan.FromSeconds(30), KeepAliveEvery = TimeSpan.FromSeconds(10);
    private int _threads;

    /// <summary>Takes a connection in; it becomes a lane, or is handed on.</summary>
    public void Admit(Socket socket)
    {
        if (Interlocked.Increment(ref _threads) <= MostThreads)
        {
            new Thread(() => Run(socket)) { IsBackground = true, Name = "dynamo-lane" }.Start();
            return;
        }

        Interlocked.Decrement(ref _threads);
        forAkka(socket, []);
    }

    private void Run(Socket socket)
    {
        try
        {
            if (Greet(socket) is not { } isLane) socket.Dispose();
            else if (isLane) Serve(socket);
        }
#pragma warning disable CA1031 // Whatever a stranger brings about here, it must not end the process, as it would on a thread of its own.
        catch (Exception)
        {
            transport.Forget(socket);
        }
#pragma warning restore CA1031
        finally
        {
            Interlocked.Decrement(ref _threads);
        }
    }

    // True for a lane, false for what was handed on, null for nothing of use.
    private bool? Greet(Socket socket)
    {
        try
        {
            socket.ReceiveTimeout = socket.SendTimeout = (int)patience.TotalMilliseconds;
            var greeting = new byte[LaneFormat.GreetingBytes];
            var first = greeting.AsSpan(0, LaneFormat.Mark.Length);
            Fill(socket, first);
            if (!first.SequenceEqual(LaneFormat.Mark))
            {
                socket.ReceiveTimeout = socket.SendTimeout = 0;
                forAkka(socket, first.ToArray());
                return false;
            }

            Fill(socket, greeting.AsSpan(first.Length));
            if (LaneFormat.AddressBytes(greeting) is not { } length) return null;
            var address = new byte[length];
            Fill(socket, address);
            if (Encoding.UTF8.GetString(address) != transport.OwnAddress.ToString()) return null;
            socket.Send(LaneFormat.Answer());
            socket.ReceiveTimeout = 0;
            return true;
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidDataException)
        {
            return null;
        }
    }

    private void Serve(Socket socket)
    {
        if (!transport.Keep(socket)) return;
        try
        {
            socket.NoDelay = true;
            // Whoever vanishes without a word would leave a thread behind.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KeepAliveAfter.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)KeepAliveEvery.TotalSeconds);
            new LaneReader(transport, socket, mostFrameBytes).Run();
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // It was over before it began.
        }
        finally
        {
            transport.Forget(socket);
        }
    }

    private static void Fill(Socket socket, Span<byte> to)
    {
        while (!to.IsEmpty)
        {
            var read = socket.Receive(to);
            to = read > 0 ? to[read..] : throw new InvalidDataException("It has ended within its greeting.");
        }
    }
}
