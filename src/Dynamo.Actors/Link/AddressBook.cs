using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>Where the other nodes are: as configured, or, for those that no configuration names, as this node last learned it.</summary>
/// <remarks>
/// What was learned is kept in the store. Two nodes that have joined know of each other by name only; when both start again while
/// no founding member is there to tell, neither would find the other.
/// </remarks>
internal sealed class AddressBook
{
    /// <summary>The name of the cell that it is kept in.</summary>
    public const string Cell = "addresses";

    private const int MaxAddressBytes = 500;
    private const int MaxNodes = 4096;
    private readonly NodeWiring _wiring;
    private readonly ExtendedActorSystem _system;
    private readonly SortedDictionary<NodeId, string> _learned = [];

    public AddressBook(NodeWiring wiring, ExtendedActorSystem system)
    {
        (_wiring, _system) = (wiring, system);
        var reader = new WireReader(wiring.Store.Cell(Cell) is { } kept ? kept.Span : default);
        // What cannot be read is learned again from whoever is there.
        foreach (var (node, address) in Read(ref reader)) _learned[node] = address;
    }

    /// <summary>The address of a node's actor system; null when nobody has said it.</summary>
    public string? AddressOf(NodeId node) => _wiring.Options.Endpoints.TryGetValue(node, out var endpoint)
        ? _system.Provider.DefaultAddress.WithHost(endpoint.Host).WithPort(endpoint.Port).ToString()
        : _learned.GetValueOrDefault(node);

    /// <summary>Whether only the nodes themselves can say where a node is.</summary>
    public bool IsUnlisted(NodeId node) => !_wiring.Options.Endpoints.ContainsKey(node);

    /// <summary>The link of the node at an address, without a uid, so that it is right for every process there.</summary>
    public IActorRef LinkAt(string address) => Address.TryParse(address, out var parsed)
        ? _system.Provider.ResolveActorRef(new RootActorPath(parsed) / "user" / "dynamo" / "link")
        : ActorRefs.Nobody;

    /// <summary>A node is at an address; remembered when no configuration says it.</summary>
    public void Learn(NodeId node, string address)
    {
        if (!IsUnlisted(node) || _learned.GetValueOrDefault(node) == address) return;
        _learned[node] = address;
        Keep();
    }

    /// <summary>Forgets all but these nodes.</summary>
    public void KeepOnly(IReadOnlyList<NodeId> nodes)
    {
        var gone = _learned.Keys.Except(nodes).ToList();
        foreach (var node in gone) _learned.Remove(node);
        if (gone.Count > 0) Keep();
    }

    /// <summary>Appends nodes and their addresses.</summary>
    public static void Write(WireWriter to, IReadOnlyCollection<KeyValuePair<NodeId, string>> known)
    {
        to.Count(known.Count);
        foreach (var (node, address) in known)
        {
            to.Text(node.Name);
            to.Text(address);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static List<KeyValuePair<NodeId, string>> Read(ref WireReader from)
    {
        var known = new List<KeyValuePair<NodeId, string>>();
        for (var left = from.Count(MaxNodes); left > 0 && !from.Failed; left--)
        {
            var entry = KeyValuePair.Create(from.Node(), from.Text(MaxAddressBytes));
            if (!from.Failed) known.Add(entry);
        }

        return known;
    }

    // When the store refuses it, it is still in memory, and goes there with the next change.
    private void Keep()
    {
        var writer = new WireWriter();
        Write(writer, _learned);
        _wiring.Store.Enqueue([new StoreChange.PutCell(Cell, writer.ToArray())], static _ => { });
    }
}
