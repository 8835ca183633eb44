namespace Dynamo.Core;

/// <summary>A node of the ring as placement sees it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Weight">Its capacity relative to the others, 1..1024; 1 by default.</param>
/// <param name="Zone">The failure domain it stands in (rack, room, data centre); empty when zones are not used.</param>
public sealed record RingMember(NodeId Node, int Weight = 1, string Zone = "")
{
    /// <summary>The largest weight.</summary>
    public const int MaxWeight = 1024;
}
