using Dynamo.Chaos.Checkers;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Tests;

/// <summary>Which failures the failure detector's time excuses, and which nobody could have prevented.</summary>
public class AvailabilityTests
{
    private const long Second = 1_000_000;

    // Begins at 10 s, has happened at 11 s, begins to heal at 30 s and has healed at 32 s; node2 is silenced.
    private static readonly FaultWindow Window = new("kill", "kill -9 of node2", 10 * Second, 11 * Second, 30 * Second, 32 * Second, [1]);
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(12.0, 12.5, true)] // within the time
    [InlineData(13.9, 14.5, true)] // within the time of what has happened only then
    [InlineData(14.1, 14.2, false)] // too late
    [InlineData(20.0, 29.9, false)]
    [InlineData(20.0, 30.1, true)] // still under way when it healed
    [InlineData(31.0, 31.5, true)]
    [InlineData(8.0, 12.0, true)] // under way when it happened
    public void A_failure_is_excused_by_the_time_it_takes_to_know(double began, double ended, bool excused)
    {
        var (faults, calm) = Judge(Failure(0, began, ended));
        Assert.Equal(excused ? 0 : 1, Assert.Single(faults).Unexcused.Count);
        Assert.Equal(1, faults[0].Failed);
        Assert.Empty(calm);
    }

    [Theory]
    [InlineData(8.0, 9.9)]
    [InlineData(32.1, 33.0)]
    public void A_failure_outside_every_fault_is_one_in_calm(double began, double ended)
    {
        var (faults, calm) = Judge(Failure(0, began, ended));
        Assert.Equal(0, faults[0].Operations);
        Assert.Single(calm);
    }

    [Fact]
    public void What_a_silenced_node_is_asked_counts_for_nothing_and_what_a_library_is_asked_counts()
    {
        var (faults, _) = Judge(Failure(1, 20, 21), Failure(null, 20, 21));
        Assert.Equal((1, 1, 1), (faults[0].Silenced, faults[0].Operations, faults[0].Unexcused.Count));
    }

    [Fact]
    public void Where_nobody_is_left_a_library_cannot_find_one()
    {
        var (faults, _) = Availability.Judge([Failure(null, 20, 21)], [Window with { LeavesNobody = true }], Detection);
        Assert.Equal((1, 0), (faults[0].Silenced, faults[0].Operations));
    }

    [Fact]
    public void Unavailable_is_the_time_to_the_beginning_of_the_last_failure_before_it_healed()
    {
        var (faults, _) = Judge(Failure(0, 11, 12), Failure(0, 12.5, 13), Failure(0, 31, 31.5), Failure(0, 14, 15) with { Succeeded = true });
        Assert.Equal(TimeSpan.FromSeconds(2.5), faults[0].Unavailable);
        Assert.Equal(4, faults[0].Operations);
        Assert.Equal(3, faults[0].Failed);
    }

    private static (IReadOnlyList<FaultFigures> Faults, IReadOnlyList<HistoryLine> Calm) Judge(params HistoryLine[] lines) =>
        Availability.Judge(lines, [Window], Detection);

    private static HistoryLine Failure(int? node, double began, double ended) => new()
    {
        Id = (long)(began * 100), Client = "c", Node = node, Kind = LoadKind.Get, Key = "k1",
        Began = (long)(began * Second), Ended = (long)(ended * Second), Succeeded = false, Error = "503",
    };
}
