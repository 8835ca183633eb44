using System.Collections.Immutable;

namespace Dynamo.Core.Tests.Membership;

/// <summary>Foundings, changes and histories for the membership tests, some of them random.</summary>
internal static class AnyMembership
{
    public static readonly ChangeOrigin Origin = new(new NodeId("a"), "root", new Instant(1_700_000_000_000_000));

    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    public static NodeId Node(string name) => new(name);

    /// <summary>A founding out of texts such as "a b:2 c:1:west": name, weight, zone.</summary>
    public static Founding Founding(string members, int q = 64, int n = 3)
    {
        Assert.True(Core.Founding.TryCreate(
            "test", q, n, members.Split(' ').Select(Member), out var founding, out var error), error);
        return founding;
    }

    public static MembershipHistory History(string members, int q = 64, int n = 3) =>
        MembershipHistory.Of(Founding(members, q, n));

    public static RingMember Member(string text)
    {
        var parts = text.Split(':');
        return new RingMember(
            Node(parts[0]), parts.Length > 1 ? int.Parse(parts[1]) : 1, parts.Length > 2 ? parts[2] : "");
    }

    /// <summary>A change out of a text such as "join d:2:west", "leave a", "replace a d" or "weight a 4".</summary>
    public static MembershipChange Change(string text)
    {
        var words = text.Split(' ');
        return words[0] switch
        {
            "join" => new MembershipChange.Join(Member(words[1]), Origin),
            "leave" => new MembershipChange.Leave(Node(words[1]), Origin),
            "remove" => new MembershipChange.Remove(Node(words[1]), Origin),
            "replace" => new MembershipChange.Replace(Node(words[1]), Node(words[2]), Origin),
            "weight" => new MembershipChange.Weigh(Node(words[1]), int.Parse(words[2]), Origin),
            _ => throw new ArgumentException(text),
        };
    }

    /// <summary>A commit planned on a history, of changes as in <see cref="Change"/>.</summary>
    public static MembershipCommit Commit(MembershipHistory on, string author, params string[] changes) =>
        Commit(on.Lamport + 1, author, on.Digest, [.. changes.Select(Change)]);

    public static MembershipCommit Commit(
        ulong lamport, string author, ulong plannedOn, ImmutableArray<MembershipChange> changes)
    {
        Assert.True(MembershipCommit.TryCreate(
            lamport, Node(author), plannedOn, changes, out var commit, out var error), error);
        return commit;
    }

    public static MembershipHistory Then(this MembershipHistory history, params string[] changes) =>
        history.Add(Commit(history, "a", changes));

    /// <summary>The same history as a node gets it off the network: it shares nothing, no fold either.</summary>
    public static MembershipHistory Afresh(MembershipHistory history)
    {
        var writer = new WireWriter();
        history.Write(writer);
        var reader = new WireReader(writer.Written);
        var read = MembershipHistory.Read(ref reader);
        reader.End();
        Assert.Null(reader.Error);
        return read!;
    }

    public static string Owners(Ring ring) => string.Join(
        ' ', Enumerable.Range(0, ring.PartitionCount).Select(p => ring.OwnerOf(new PartitionId(p)).Name));

    public static MembershipHistory Founded(Prng random)
    {
        var zones = 1 + random.Below(4);
        var members = Names.Take(1 + random.Below(5)).Select(n => $"{n}:{1 + random.Below(4)}:z{random.Below(zones)}");
        return History(string.Join(' ', members), 8 << random.Below(3), 1 + random.Below(4));
    }

    /// <summary>Any change of any of eight nodes, most of them senseless where they come to stand.</summary>
    public static MembershipChange Change(Prng random)
    {
        var node = Node(Names[random.Below(Names.Length)]);
        var origin = Origin with { By = Any.Text(random), At = new Instant(random.Below(1 << 30)) };
        return random.Below(5) switch
        {
            0 => new MembershipChange.Join(
                new RingMember(node, 1 + random.Below(4), $"z{random.Below(4)}"), origin),
            1 => new MembershipChange.Leave(node, origin),
            2 => new MembershipChange.Remove(node, origin),
            3 => new MembershipChange.Replace(node, Node(Names[random.Below(Names.Length)]), origin),
            _ => new MembershipChange.Weigh(node, 1 + random.Below(4), origin),
        };
    }

    /// <summary>A commit that follows a history, or one that a node behind it might have made.</summary>
    public static MembershipCommit Commit(Prng random, MembershipHistory on)
    {
        var lamport = random.Chance(0.7) ? on.Lamport + 1 : 1 + (ulong)random.Below((int)on.Lamport + 2);
        var changes = Any.Many(random, 2, Change).Add(Change(random));
        return Commit(lamport, Names[random.Below(4)], on.Digest, changes);
    }
}
