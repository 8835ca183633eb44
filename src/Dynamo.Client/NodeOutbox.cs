using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>What waits to be sent to one node, and where that node is.</summary>
internal sealed class NodeOutbox
{
    /// <summary>From this size on a batch leaves without waiting for more.</summary>
    public const int FullBatchBytes = 48 * 1024;

    private readonly WireWriter _entries = new(4096);
    private string _address = "";
    private ulong _transfers;
    private int _count;

    /// <summary>The node's gateway, without a uid, so that it is right for every process at the address.</summary>
    public IActorRef Gateway { get; private set; } = ActorRefs.Nobody;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Whether what waits should leave now.</summary>
    public bool IsFull => _entries.Length >= FullBatchBytes || _count == ClientCodec.MaxEntries;

    /// <summary>The node is at an address from now on; false when that is nothing new.</summary>
    public bool MoveTo(string address, IActorRefProvider provider)
    {
        if (_address == address) return false;
        _address = address;
        Gateway = Address.TryParse(address, out var parsed) ? GatewayAt(parsed, provider) : ActorRefs.Nobody;
        return true;
    }

    public static IActorRef GatewayAt(Address address, IActorRefProvider provider) =>
        provider.ResolveActorRef(address + ClientProtocol.GatewayPath);

    public void Add(ulong correlation, ClientRequest request)
    {
        ClientCodec.Write(_entries, correlation, request);
        _count++;
    }

    /// <summary>Sends what waits, in chunks when it is too large for one frame.</summary>
    public void Flush(WireWriter writer, Lanes lanes, IActorRef self)
    {
        if (IsEmpty) return;
        writer.Clear();
        ClientCodec.WriteHead(writer, _count);
        writer.Raw(_entries.Written);
        _entries.Clear();
        _count = 0;
        var bytes = writer.ToArray();
        if (bytes.Length <= Chunks.MaxBytes)
        {
            lanes.Tell(Gateway, new ClientRequests(bytes), self);
            return;
        }

        foreach (var chunk in Chunks.Split(++_transfers, bytes, room: 0)) Gateway.Tell(new ClientChunk(chunk), self);
    }
}
