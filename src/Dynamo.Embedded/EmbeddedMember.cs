using System.Text;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynamo.Embedded;

/// <summary>One node of an embedded cluster, up or down.</summary>
public sealed class EmbeddedMember : IAsyncDisposable
{
    private static readonly TimeSpan RepairLook = TimeSpan.FromMilliseconds(20);
    private readonly EmbeddedNodePort _port;
    private readonly Func<bool, IReadOnlyList<StoreChange>, EmbeddedNode> _boot;
    private readonly Lock _lock = new();
    private DynamoHttp? _http;

    internal EmbeddedMember(EmbeddedNodePort port, Func<bool, IReadOnlyList<StoreChange>, EmbeddedNode> boot)
    {
        _port = port;
        _boot = boot;
    }

    /// <summary>The node's name.</summary>
    public NodeId Name => _port.Self;

    /// <summary>Whether the node runs.</summary>
    public bool IsUp => _port.IsUp;

    /// <summary>Where it serves HTTP; empty when it does not.</summary>
    public string Url => _http?.Url ?? "";

    /// <summary>The node for code that speaks the port's language: requests with all options, listings, status.</summary>
    public INodePort Port => _port;

    /// <summary>Reads a key.</summary>
    public Task<Outcome> Get(string bucket, string key, GetOptions? options = null) =>
        _port.Execute(new GetRequest(Key.Of(bucket, key), options ?? GetOptions.None));

    /// <summary>Writes a value; with the context of a get it replaces what that get showed.</summary>
    public Task<Outcome> Put(
        string bucket, string key, ReadOnlyMemory<byte> value,
        ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        _port.Execute(new PutRequest(
            Key.Of(bucket, key), context, new Value { Body = value }, options ?? PutOptions.None));

    /// <summary>Writes a text.</summary>
    public Task<Outcome> Put(
        string bucket, string key, string text, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        _port.Execute(new PutRequest(
            Key.Of(bucket, key), context,
            new Value { Body = Encoding.UTF8.GetBytes(text), ContentType = "text/plain; charset=utf-8" },
            options ?? PutOptions.None));

    /// <summary>Deletes a key; without a context, what the node reads at that moment.</summary>
    public Task<Outcome> Delete(
        string bucket, string key, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        _port.Execute(new DeleteRequest(Key.Of(bucket, key), context, options ?? PutOptions.None, GetOptions.None));

    /// <summary>Adds to a counter; what it comes to is <see cref="Counter.ValueOf"/> of a get's siblings.</summary>
    public Task<Outcome> Increment(string bucket, string key, long delta = 1, PutOptions? options = null) =>
        _port.Execute(new IncrementRequest(Key.Of(bucket, key), delta, options ?? PutOptions.None));

    /// <summary>Whether this node believes that it can reach another.</summary>
    public bool CanReach(NodeId other) => _port.Node?.View?.IsReachable(other) ?? false;

    // A node that is no member reaches nobody, and is reached by nobody.
    internal bool CanReachOrNeedNot(NodeId other) => _port.Node?.View is { } view
        && (!view.Everybody.Contains(Name) || !view.Everybody.Contains(other) || view.IsReachable(other));

    // Makes the node without starting it, over an empty folder when it is to be wiped; null when it is up already.
    internal EmbeddedNode? Boot(bool wipe = false)
    {
        lock (_lock) return _port.Node is null ? _port.Node = _boot(wipe, []) : null;
    }

    // Ends the node and begins it again over an empty folder; nothing when it has been stopped or started anew meanwhile.
    internal void StartOver(EmbeddedNode node, IReadOnlyList<StoreChange> first)
    {
        lock (_lock)
        {
            if (_port.Node != node) return;
            _port.Node = null;
            node.Dispose();
            try
            {
                (_port.Node = _boot(true, first)).Start();
            }
            catch (StorageOpenException fault)
            {
                Console.Error.WriteLine($"{Name} is down: {fault.Message}");
            }
        }
    }

    // Repairs, and says what was done meanwhile; nothing when the node is killed before it is finished, since one that
    // was started again knows of no repair.
    internal async Task<SyncProgress> Repair(CancellationToken cancel)
    {
        var before = await _port.RepairProgress().ConfigureAwait(false);
        var now = await _port.Repair().ConfigureAwait(false);
        while (now is { PairsOfRepair: > 0, PairsLeft: > 0 })
        {
            await Task.Delay(RepairLook, cancel).ConfigureAwait(false);
            now = await _port.RepairProgress().ConfigureAwait(false);
        }

        return before is null || now is not { PairsOfRepair: > 0 } ? new SyncProgress() : now with
        {
            Exchanges = now.Exchanges - before.Exchanges,
            Failed = now.Failed - before.Failed,
            KeysRepaired = now.KeysRepaired - before.KeysRepaired,
        };
    }

    internal void Kill() => Stop(inOrder: false);

    private void Stop(bool inOrder)
    {
        lock (_lock)
        {
            var node = _port.Node;
            _port.Node = null;
            node?.Stop(inOrder);
        }
    }

    internal async Task Serve(int port, EmbeddedOptions options) => _http = await DynamoHttp.StartAsync(_port, new HttpOptions
    {
        Port = port,
        MaxValueBytes = options.Settings.MaxValueBytes,
        BearerToken = options.HttpToken,
        Certificate = options.HttpCertificate,
        CertificatePassword = options.HttpCertificatePassword,
        Log = options.Log is { } log ? new HttpLog(log) : NullLogger.Instance,
    });

    /// <summary>Stops the node and its HTTP side.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_http is not null) await _http.DisposeAsync();
        _http = null;
        Stop(inOrder: true);
    }
}
