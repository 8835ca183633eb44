using Dynamo.Core;

namespace Dynamo.Chaos.Tests;

/// <summary>Each checker proves itself on a history written by hand: silent where all is well, and not where something was planted.</summary>
public class VerdictTests
{
    private readonly PlantedRun _run = new();

    [Fact]
    public void A_history_in_which_all_is_well_is_clean()
    {
        var first = _run.Put();
        _run.Get(false, first.Line.Id);
        var second = _run.Put(true, first);
        var beside = _run.Put();
        _run.Get(true, second.Line.Id, beside.Line.Id);
        Assert.Empty(_run.Ends(second, beside).Findings);
    }

    [Fact]
    public void An_acknowledged_put_that_is_neither_there_nor_replaced_is_lost()
    {
        _run.Put();
        var other = _run.Put();
        Assert.Equal(1, _run.Ends(other).Lost);
    }

    [Fact]
    public void A_put_replaced_by_way_of_others_is_not_lost()
    {
        var first = _run.Put();
        var second = _run.Put(succeeded: false, first);
        var third = _run.Put(true, second);
        Assert.Empty(_run.Ends(third).Findings);
    }

    [Fact]
    public void A_put_whose_only_successor_vanished_is_lost_with_it()
    {
        var first = _run.Put();
        _run.Put(true, first);
        Assert.Equal(2, _run.Ends(PlantedRun.RecordOf()).Lost);
    }

    [Fact]
    public void A_put_that_failed_may_vanish_unless_somebody_was_shown_it()
    {
        var put = _run.Put(succeeded: false);
        Assert.Equal(0, _run.Ends(PlantedRun.RecordOf()).Lost);
        _run.Get(false, put.Line.Id);
        Assert.Equal(1, _run.Ends(PlantedRun.RecordOf()).Lost);
    }

    [Fact]
    public void What_was_deleted_is_not_lost_whether_the_delete_was_acknowledged_or_not()
    {
        var first = _run.Put();
        var second = _run.Put();
        _run.Delete(true, first);
        _run.Delete(false, second);
        Assert.Empty(_run.Ends(PlantedRun.RecordOf()).Findings);
    }

    [Fact]
    public void A_delete_that_found_nothing_excuses_nothing()
    {
        var put = _run.Put();
        _run.Lines.Add(_run.Delete(true, put) with { Id = 99, Nothing = true });
        _run.Lines.RemoveAt(1);
        Assert.Equal(1, _run.Ends(PlantedRun.RecordOf()).Lost);
    }

    [Fact]
    public void A_value_that_is_there_although_it_was_deleted_is_resurrected()
    {
        var put = _run.Put();
        _run.Delete(true, put);
        Assert.Equal(1, _run.Ends(put).Resurrected);
    }

    [Fact]
    public void A_value_that_is_there_although_it_was_replaced_is_resurrected()
    {
        var first = _run.Put();
        var second = _run.Put(true, first);
        Assert.Equal(1, _run.Ends(first, second).Resurrected);
    }

    [Fact]
    public void A_write_that_failed_may_have_replaced_nothing()
    {
        var put = _run.Put();
        _run.Delete(false, put);
        Assert.Empty(_run.Ends(put).Findings);
    }

    [Fact]
    public void A_second_version_of_one_put_that_nobody_had_read_may_stay()
    {
        var put = _run.Put();
        var twice = _run.Again(put);
        var next = _run.Put(true, put);
        Assert.Empty(_run.Ends(twice, next).Findings);
    }

    [Fact]
    public void Owners_that_differ_have_diverged_and_so_has_a_damaged_row()
    {
        var put = _run.Put();
        var record = PlantedRun.RecordOf(put);
        Assert.Equal(0, _run.Ends(record, record, record).Diverged);
        Assert.Equal(1, _run.Ends(record, Record.Empty, record).Diverged);
        Assert.Equal(1, _run.Ends(record, null, record).Diverged);
    }

    [Fact]
    public void A_last_read_that_shows_something_else_than_is_there_is_found()
    {
        var first = _run.Put();
        var second = _run.Put(true, first);
        _run.Get(true, first.Line.Id);
        Assert.Single(_run.Ends(second).Findings);
    }

    [Fact]
    public void A_last_read_that_fails_is_found()
    {
        var put = _run.Put();
        _run.Lines.Add(_run.Get(true) with { Id = 99, Succeeded = false, Error = "503" });
        _run.Lines.RemoveAt(1);
        Assert.Single(_run.Ends(put).Findings);
    }

    [Fact]
    public void A_value_that_nobody_wrote_or_not_yet_is_a_phantom()
    {
        var early = _run.Get(false, 2);
        var put = _run.Put();
        Assert.Equal(early.Shown![0], put.Line.Id);
        Assert.Single(_run.Ends(put).Findings);
        _run.Lines.RemoveAt(0);
        Assert.Empty(_run.Ends(put).Findings);
        _run.Get(false, put.Line.Id, 77);
        Assert.Contains(_run.Ends(put).Findings, static f => f.Contains("shown 77, which nobody had written", StringComparison.Ordinal));
    }

    [Fact]
    public void Hints_that_are_left_are_found()
    {
        _run.HintsLeft = 3;
        Assert.Single(_run.Ends(PlantedRun.RecordOf()).Findings);
    }
}
