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
        Assert.Equal(Verdict.Newer, Judge(identity: 2, incarnation: 3, second: 3));
        Assert.Equal(Verdict.Taken, Judge(identity: 1, incarnation: 5, second: 4));
    }

    private Verdict Judge(ulong identity, ulong incarnation, long second) =>
        _holder.Judge(identity, incarnation, new Instant(second * 1_000_000));
}
