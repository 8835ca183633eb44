using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Dynamo.Http;

/// <summary>A connection whose client may say "I have sent everything" (FIN) and is answered all the same.</summary>
/// <remarks>
/// Kestrel takes a FIN for the client's departure. It drops the answer of a request under way: so that signal is kept
/// from it. It does not believe a body that ends with the FIN: see <see cref="PatientInput"/>. And it aborts the connection
/// when it meets the FIN inside a body that it reads or passes over, with what was answered still unsent: so such
/// an abort is put off, and in a body that was being read it is turned into a 400.
/// A client that has really gone is noticed when writing to it fails.
/// </remarks>
internal sealed class PatientConnection : ConnectionContext
{
    private static readonly TimeSpan TimeToReadAnswer = TimeSpan.FromSeconds(5);

    private static readonly byte[] CutShort = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        + $"Content-Length: {BodyReader.CutShort.Length + 1}\r\n\r\n{BodyReader.CutShort}\n");

    private readonly ConnectionContext _inner;

    private PatientConnection(ConnectionContext inner)
    {
        _inner = inner;
        inner.Transport = new DuplexPipe(new PatientInput(inner.Transport.Input), inner.Transport.Output);
        inner.Features.Set(this);
    }

    /// <summary>Whether a body is being read, so that nothing has been answered yet.</summary>
    public bool IsReadingBody { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => _inner.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>Wraps every connection of an endpoint.</summary>
    public static ConnectionDelegate Wrap(ConnectionDelegate next) => connection => next(new PatientConnection(connection));

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!ClientHasFinished())
        {
            _inner.Abort(abortReason);
            return;
        }

        // From here on Kestrel writes nothing more, and ends the connection once what is written here is sent.
        if (IsReadingBody)
        {
            IsReadingBody = false;
            _inner.Transport.Output.Write(CutShort);
            _ = _inner.Transport.Output.FlushAsync(CancellationToken.None).AsTask();
        }

        _ = AbortLater(abortReason);
    }

    // For a client that has finished and does not read its answer either.
    private async Task AbortLater(ConnectionAbortedException reason)
    {
        await Task.Delay(TimeToReadAnswer);
        _inner.Abort(reason);
    }

    // A socket with a FIN has something to read, and that is nothing.
    private bool ClientHasFinished()
    {
        try
        {
            return Features.Get<IConnectionSocketFeature>()?.Socket is { } socket
                && socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
