using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>A ring as JSON: owners by name, and the owners of each partition's replicas by their place among the nodes.</summary>
internal static class RingJson
{
    /// <summary>Writes a ring and, while it changes, the partitions whose owner does.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="ring">The ring that the node reads by.</param>
    /// <param name="n">How many owners of each partition are told.</param>
    /// <param name="membership">The membership; null while the node does not know it.</param>
    public static void Write(Utf8JsonWriter json, Ring ring, int n, MembershipStatus? membership)
    {
        json.WriteStartObject();
        json.WriteNumber("partitions", ring.PartitionCount);
        WriteOwners(json, "owners", ring);
        json.WriteStartArray("nodes");
        foreach (var node in ring.Nodes) json.WriteStringValue(node.Name);
        json.WriteEndArray();
        WriteReplicas(json, ring, n);
        if (membership?.Next is { } next) WriteChange(json, membership.Settled.Ring, next.Ring);
        else json.WriteNull("change");
        json.WriteEndObject();
    }

    private static void WriteOwners(Utf8JsonWriter json, string name, Ring ring)
    {
        json.WriteStartArray(name);
        for (var p = 0; p < ring.PartitionCount; p++) json.WriteStringValue(ring.OwnerOf(new PartitionId(p)).Name);
        json.WriteEndArray();
    }

    private static void WriteReplicas(Utf8JsonWriter json, Ring ring, int n)
    {
        json.WriteStartArray("replicas");
        for (var p = 0; p < ring.PartitionCount; p++)
        {
            json.WriteStartArray();
            foreach (var owner in ring.PreferenceList(new PartitionId(p), Math.Min(n, ring.Nodes.Length)))
                json.WriteNumberValue(ring.IndexOf(owner));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteChange(Utf8JsonWriter json, Ring settled, Ring next)
    {
        json.WriteStartObject("change");
        WriteOwners(json, "owners", settled);
        WriteOwners(json, "owners_next", next);
        json.WriteStartArray("moved");
        for (var p = 0; p < next.PartitionCount; p++)
            if (settled.OwnerOf(new PartitionId(p)) != next.OwnerOf(new PartitionId(p))) json.WriteNumberValue(p);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
