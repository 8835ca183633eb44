using Verdict = Dynamo.Core.NameHolder.Verdict;

namespace Dynamo.Core.Tests;

/// <summary>Which of several processes a name stands for. Section 7 of the specification.</summary>
public sealed class NameHolderTests
{
    private readonly NameHolder _holder = new(TimeSpan.FromSeconds(2));

    [Fact]
    public void The_first_to_speak_holds_the_name()
    {
        Assert.Equal(Verdict.Newer, Judge(identity: 1, incarnation: 5, second: 0));
        Assert.Equal(Verdict.Known, Judge(identity: 1, incarnation: 5, second: 1));
    }

    [Fact]
    public void A_restart_over_the_same_folder_takes_over_at_once_and_its_predecessor_is_heard_no_more()
    {
        Judge(identity: 1, incarnation: 5, second: 0);
        Assert.Equal(Verdict.Newer, Judge(identity: 1, incarnation: 6, second: 0));
        Assert.Equal(Verdict.Superseded, Judge(identity: 1, incarnation: 5, second: 1));
        Assert.Equal(Verdict.Superseded, Judge(identity: 1, incarnation: 5, second: 100));
        Assert.Equal(Verdict.Known, Judge(identity: 1, incarnation: 6, second: 100));
    }

    [Fact]
    public void Another_folder_waits_until_the_holder_is_silent()
    {
        Judge(identity: 1, incarnation: 5, second: 0);
        Assert.Equal(Verdict.Taken, Judge(identity: 2, incarnation: 9, second: 1));
        Judge(identity: 1, incarnation: 5, second: 1);
        Assert.Equal(Verdict.Taken, Judge(identity: 2, incarnation: 9, second: 2));
        // An empty folder starts its own count, which may be lower.
        Assert.Equal(Verdict.Contested, Judge(identity: 2, incarnation: 3, second: 3));
        Assert.Equal(Verdict.Contested, Judge(identity: 2, incarnation: 3, second: 3.3));
        Assert.Equal(Verdict.Newer, Judge(identity: 2, incarnation: 3, second: 3.4));
        Assert.Equal(Verdict.Taken, Judge(identity: 1, incarnation: 5, second: 4));
    }

    [Fact]
    public void Who_stood_still_itself_does_not_give_the_name_away()
    {
        Judge(identity: 1, incarnation: 5, second: 0);
        // Ten seconds later both have words waiting, the other's before the holder's.
        Assert.Equal(Verdict.Contested, Judge(identity: 2, incarnation: 9, second: 10));
        Assert.Equal(Verdict.Known, Judge(identity: 1, incarnation: 5, second: 10.1));
        Assert.Equal(Verdict.Taken, Judge(identity: 2, incarnation: 9, second: 11));
        // A later silence is contested anew.
        Assert.Equal(Verdict.Contested, Judge(identity: 2, incarnation: 9, second: 13));
        Assert.Equal(Verdict.Newer, Judge(identity: 2, incarnation: 9, second: 13.5));
    }

    private Verdict Judge(ulong identity, ulong incarnation, double second) =>
        _holder.Judge(identity, incarnation, new Instant((long)(second * 1_000_000)));
}
