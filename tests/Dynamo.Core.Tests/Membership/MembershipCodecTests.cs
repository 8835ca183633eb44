using System.Text;
using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>The binary form of commits and histories: what was written is read, the rest refused.</summary>
public class MembershipCodecTests(ITestOutputHelper output)
{
    // 'text' stands for its ASCII bytes. Must one of these change, nodes of two releases no longer share a history,
    // and stored ones no longer load: that takes a new version, not a new expectation.
    private const string Who = "01'a' 04'root' 8080F9C0C1C48203";

    private const string Golden =
        "01 07 05'node2' 00000000DEADBEEF 05"
        + "01" + Who + "01'd' 02 04'west'"  // d joins with weight 2 in zone west
        + "02" + Who + "01'b'"              // b leaves
        + "03" + Who + "01'c'"              // c is removed
        + "04" + Who + "01'e' 01'f'"        // e is replaced by f
        + "05" + Who + "01'a' 8008";        // a gets weight 1024

    private static readonly MembershipCommit Sample = Commit(
        7, "node2", 0xDEADBEEF,
        [
            Change("join d:2:west"), Change("leave b"), Change("remove c"), Change("replace e f"),
            Change("weight a 1024"),
        ]);

    [Fact]
    public void The_bytes_of_a_commit_are_pinned() => Assert.Equal(Hex(Golden), Convert.ToHexString(Bytes(Sample)));

    [Fact]
    public void The_bytes_of_a_history_are_pinned()
    {
        var history = History("a b:2:west", q: 8).Add(Sample);
        Assert.Equal(
            Hex("01  01 04'test' 08 03 02 01'a' 01 00 01'b' 02 04'west'  01" + Golden),
            Convert.ToHexString(Bytes(history)));
        // From another implementation of FNV-1a: two releases with different digests would gossip for ever.
        Assert.Equal(0x7B15C94467877448UL, history.Digest);
    }

    [Fact]
    public void Whatever_is_written_is_read_again()
    {
        var commits = 0;
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            for (var i = random.Below(8); i > 0; i--, commits++)
            {
                var commit = Commit(random, history);
                var reader = new WireReader(Bytes(commit));
                Assert.Equal(commit, MembershipCommit.Read(ref reader));
                Assert.Equal(0, reader.Remaining);
                history = history.Add(commit);
            }

            var again = Afresh(history);
            Assert.Equal(history, again);
            Assert.Equal(history.Digest, again.Digest);
            Assert.Equal(history.Commits.SelectMany(c => c.Changes), again.Commits.SelectMany(c => c.Changes));
        }

        output.WriteLine($"300 histories with {commits} commits.");
        Assert.True(commits > 500);
    }

    [Fact]
    public void Cut_anywhere_it_is_refused_with_a_sentence()
    {
        var bytes = Bytes(History("a b c").Add(Sample).Then("join z"));
        for (var length = 0; length < bytes.Length; length++) AssertRefused(bytes.AsSpan(0, length), "");
    }

    [Theory]
    [InlineData("02", "The membership history has another format version.")]
    [InlineData("01 02", "The founding has another format version.")]
    [InlineData("01 01 01'c' 08 03 00 00", "A cluster needs at least one first member.")]
    [InlineData("01 01 01'c' 08 03 01 01'a' 01 00  818080 01", "A count is 2097153; at most 1048576 is allowed here.")]
    // A million commits are promised and none follow.
    [InlineData("01 01 01'c' 08 03 01 01'a' 01 00  808040", "The input ends too early.")]
    [InlineData("01 01 01'c' 08 03 01 01'a' 01 00  01 02 000000000000000000000000000000000000000000",
        "The commit has another format version.")]
    public void A_history_is_refused(string bytes, string why) => AssertRefused(Convert.FromHexString(Hex(bytes)), why);

    [Theory]
    [InlineData("00 01'a' 0000000000000000 01 02" + Who + "01'b'",
        "The Lamport time is 0; it must be 1 to 9223372036854775807.")]
    [InlineData("80808080808080808001 01'a' 0000000000000000 01 02" + Who + "01'b'",
        "The Lamport time is 9223372036854775808; it must be 1 to 9223372036854775807.")]
    [InlineData("01 00 0000000000000000 01 02" + Who + "01'b'", "The author of the commit has no proper name.")]
    [InlineData("01 01'a' 0000000000000000 00 0000000000000000", "A commit needs at least one change.")]
    [InlineData("01 01'a' 0000000000000000 8108" + Who, "A count is 1025; at most 1024 is allowed here.")]
    [InlineData("01 01'a' 0000000000000000 01 06" + Who + "01'b'", "No membership change has the kind 6.")]
    [InlineData("01 01'a' 0000000000000000 01 00" + Who + "01'b'", "No membership change has the kind 0.")]
    [InlineData("01 01'a' 0000000000000000 01 02" + Who + "00 00",
        "A node's name must have 1 to 64 letters, digits, '-', '_' or '.'.")]
    [InlineData("01 01'a' 0000000000000000 01 02" + Who + "02'//'", "A node's name is not one.")]
    [InlineData("01 01'a' 0000000000000000 01 02 00 04'root' 00 01'b'",
        "The node at which the change was staged has no proper name.")]
    [InlineData("01 01'a' 0000000000000000 01 02 01'a' 0107 00 01'b'",
        "The name of who asked for the change has unreadable characters.")]
    [InlineData("01 01'a' 0000000000000000 01 02 01'a' 02C328 00 01'b'", "A text is not valid UTF-8.")]
    [InlineData("01 01'a' 0000000000000000 01 02 01'a' 00 FFFFFFFFFFFFFFFFFF01 01'b'",
        "The time of the change is before 1970.")]
    [InlineData("01 01'a' 0000000000000000 01 05" + Who + "01'b' 00", "The weight of b is 0; it must be 1 to 1024.")]
    [InlineData("01 01'a' 0000000000000000 01 05" + Who + "01'b' 8108",
        "A count is 1025; at most 1024 is allowed here.")]
    public void A_commit_is_refused(string bytes, string why) =>
        AssertRefused(Convert.FromHexString(Hex("01 01 01'c' 08 03 01 01'a' 01 00  01 01" + bytes)), why);

    [Fact]
    public void Commits_out_of_their_order_or_twice_are_refused()
    {
        var founded = Bytes(History("a b c"))[..^1];
        byte[] one = Bytes(Commit(1, "a", 0, [Change("join d")])), two = Bytes(Commit(1, "b", 0, [Change("join e")]));
        var reader = new WireReader([.. founded, 2, .. one, .. two]);
        Assert.NotNull(MembershipHistory.Read(ref reader));
        AssertRefused([.. founded, 2, .. two, .. one], "The commits are not in their order.");
        AssertRefused([.. founded, 2, .. one, .. one], "The commits are not in their order.");
    }

    [Fact]
    public void Damaged_bytes_never_throw_and_what_is_read_is_sound()
    {
        int read = 0, refused = 0;
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            for (var i = random.Below(4); i >= 0; i--) history = history.Add(Commit(random, history));
            var valid = Bytes(history);
            for (var i = 0; i < 100; i++)
            {
                var bytes = i < 10 ? Any.Bytes(random, random.Below(200)) : Mutation.Of(random, valid);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var reader = new WireReader(bytes);
                var damaged = MembershipHistory.Read(ref reader);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 20_000 + (100 * bytes.Length), $"{bytes.Length} bytes made {allocated}");
                Assert.Equal(damaged is null, reader.Failed);
                if (damaged is null) refused++;
                else read++;
                if (damaged is null) Assert.Matches("^[A-Za-z0-9].*\\.$", reader.Error);
                else Assert.Equal(damaged, Afresh(damaged));
                // Whatever a peer sends is folded in the end; a larger ring would only take longer.
                if (i % 10 == 9 && damaged?.Founding.PartitionCount <= 64) Assert.NotEmpty(damaged.Fold().Current.Ring.Members);
            }
        }

        output.WriteLine($"{refused} refused, {read} read.");
        Assert.True(refused > 2000 && read > 200);
    }

    private static void AssertRefused(ReadOnlySpan<byte> bytes, string why)
    {
        var reader = new WireReader(bytes);
        Assert.Null(MembershipHistory.Read(ref reader));
        Assert.Matches("^[A-Za-z0-9].*\\.$", reader.Error);
        if (why.Length > 0) Assert.Equal(why, reader.Error);
    }

    private static byte[] Bytes(MembershipCommit commit)
    {
        var writer = new WireWriter();
        commit.Write(writer);
        return writer.ToArray();
    }

    private static byte[] Bytes(MembershipHistory history)
    {
        var writer = new WireWriter();
        history.Write(writer);
        return writer.ToArray();
    }

    private static string Hex(string text)
    {
        var bytes = new StringBuilder();
        var parts = text.Split('\'');
        for (var i = 0; i < parts.Length; i++)
            bytes.Append(
                i % 2 == 0 ? parts[i].Replace(" ", "") : Convert.ToHexString(Encoding.ASCII.GetBytes(parts[i])));
        return bytes.ToString();
    }
}
