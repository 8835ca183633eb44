using System.Globalization;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>When the owners' words are the answer of a get that the client coordinates, and when a node must coordinate it.</summary>
public sealed class OwnerAgreementTests
{
    // Words in the order in which they come: s7 shows version 7, d7 names it only, s0 knows nothing, no refuses. Owner i is the i-th.
    [Theory]
    [InlineData("s7", 3, 2, 0, "Open")]
    [InlineData("s7 s7", 3, 2, 0, "Reached")]
    [InlineData("s7 d7", 3, 2, 0, "Reached")]
    [InlineData("d7 s7", 3, 2, 0, "Reached")]
    [InlineData("d7 d7", 3, 2, 0, "Open")]
    [InlineData("d7 d7 s7", 3, 2, 0, "Reached")]
    [InlineData("d7 d7 no", 3, 2, 0, "Failed")]
    [InlineData("d7 d7 d7", 3, 2, 0, "Failed")]
    [InlineData("s7 s8", 3, 2, 0, "Failed")]
    [InlineData("s0 s7", 3, 2, 0, "Failed")]
    [InlineData("s0 s0", 3, 2, 0, "Reached")]
    [InlineData("no s7", 3, 2, 0, "Open")]
    [InlineData("no s7 s7", 3, 2, 0, "Reached")]
    [InlineData("no no", 3, 2, 0, "Open")]
    [InlineData("no no s7", 3, 2, 0, "Failed")]
    [InlineData("no s7 no", 3, 2, 0, "Failed")]
    [InlineData("s7 no no", 3, 2, 0, "Failed")]
    [InlineData("no no no", 3, 2, 0, "Failed")]
    [InlineData("s7", 3, 1, 0, "Reached")]
    [InlineData("no no s7", 3, 1, 0, "Reached")]
    [InlineData("d7", 3, 1, 0, "Open")]
    [InlineData("s7 s7", 3, 3, 0, "Open")]
    [InlineData("s7 s7 s7", 3, 3, 0, "Reached")]
    [InlineData("s7 no", 3, 3, 0, "Failed")]
    [InlineData("s7 s7 s8", 3, 3, 0, "Failed")]
    [InlineData("s7", 3, 1, 2, "Open")]
    [InlineData("s7 s7", 3, 1, 2, "Reached")]
    [InlineData("s7", 3, 0, 0, "Reached")]
    [InlineData("s7", 2, 3, 0, "Failed")]
    public void It_is_reached_when_as_many_as_asked_for_say_the_same(string words, int asked, int r, int pr, string expected)
    {
        var agreement = new OwnerAgreement(asked);
        var quorum = new ReadQuorum(asked, r, pr, NotFoundOk: true, BasicQuorum: false);
        Say(agreement, words, quorum);
        Assert.Equal(expected, agreement.State.ToString());
        if (agreement.State == Agreement.Reached) Assert.NotNull(agreement.Answer);
    }

    [Theory]
    [InlineData("s7 s7 s7", false)]
    [InlineData("s7 s7 s6", true)]
    [InlineData("s7 s7 d6", true)]
    [InlineData("s7 s7 s0", true)]
    [InlineData("s7 s7 no", false)]
    public void Who_speaks_after_the_answer_changes_nothing_but_may_be_stale(string words, bool isStale)
    {
        var agreement = new OwnerAgreement(3);
        Say(agreement, words, new ReadQuorum(3, 2, 0, true, false));
        Assert.Equal((Agreement.Reached, isStale, true), (agreement.State, agreement.IsStale, agreement.IsComplete));
        Assert.Equal(ShowingOf(7), agreement.Answer);
    }

    [Fact]
    public void Owners_that_count_differently_do_not_agree()
    {
        var agreement = new OwnerAgreement(3);
        agreement.On(0, Word("s7", new ReadQuorum(3, 2, 0, true, false)));
        agreement.On(1, Word("s7", new ReadQuorum(3, 2, 1, true, false)));
        Assert.Equal(Agreement.Failed, agreement.State);
    }

    [Theory]
    [InlineData("s0", "Failed")]
    [InlineData("s7", "Open")]
    [InlineData("s7 s7", "Reached")]
    public void Where_owners_without_the_key_do_not_count_a_node_judges_them(string words, string expected)
    {
        var agreement = new OwnerAgreement(3);
        Say(agreement, words, new ReadQuorum(3, 2, 0, NotFoundOk: false, BasicQuorum: true));
        Assert.Equal(expected, agreement.State.ToString());
    }

    [Fact]
    public void An_owner_counts_once_and_a_stranger_never()
    {
        var agreement = new OwnerAgreement(3);
        var quorum = new ReadQuorum(3, 2, 0, true, false);
        agreement.On(0, Word("s7", quorum));
        agreement.On(0, Word("s7", quorum));
        agreement.On(3, Word("s7", quorum));
        Assert.Equal((Agreement.Open, 1), (agreement.State, agreement.Agreeing));
    }

    [Fact]
    public void What_is_no_owners_part_is_a_refusal()
    {
        var agreement = new OwnerAgreement(2);
        agreement.On(0, new Found([], default));
        agreement.On(1, Word("s7", new ReadQuorum(2, 2, 0, true, false)));
        Assert.Equal(Agreement.Failed, agreement.State);
    }

    private static void Say(OwnerAgreement agreement, string words, ReadQuorum quorum)
    {
        var owner = 0;
        foreach (var word in words.Split(' ')) agreement.On(owner++, Word(word, quorum));
    }

    private static Outcome Word(string word, ReadQuorum quorum)
    {
        if (word == "no") return new NotReady("Starting.");
        var version = ulong.Parse(word[1..], CultureInfo.InvariantCulture);
        return new OwnerRead(quorum, version, word[0] == 's' ? ShowingOf(version) : null);
    }

    private static NotFound ShowingOf(ulong version) => version == 0 ? NotFound.Nothing : new NotFound(default, (long)version);
}
