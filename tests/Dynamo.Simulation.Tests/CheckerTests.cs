namespace Dynamo.Simulation.Tests;

/// <summary>Each checker proves itself on a history written by hand: silent where all is well, and not where something was planted.</summary>
public class CheckerTests
{
    [Fact]
    public void A_history_in_which_all_is_well_is_clean()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var read = planted.Get(first);
        var second = planted.Put(read.Returned);
        planted.Get(second);
        planted.End(second);
        Assert.Empty(Checker.CheckAll(planted.History).Findings);
    }

    [Fact]
    public void An_acknowledged_write_that_is_neither_there_nor_replaced_is_lost()
    {
        var planted = new PlantedHistory();
        planted.Put();
        var other = planted.Put();
        planted.End(other);
        var verdict = planted.Check(new AcknowledgedWritesSurvive());
        Assert.Equal(1, verdict.Lost);
    }

    [Fact]
    public void A_write_replaced_by_one_that_had_not_read_it_is_lost()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var second = planted.Put();
        var third = planted.Put(planted.Get(second).Returned);
        planted.End(third);
        Assert.Equal(1, planted.Check(new AcknowledgedWritesSurvive()).Lost);
        Assert.Contains(first.ToString(), planted.Check(new AcknowledgedWritesSurvive()).Findings[0].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_replaced_by_way_of_others_is_not_lost()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var second = planted.Put(first.Returned);
        var third = planted.Put(second.Returned);
        planted.End(third);
        Assert.True(planted.Check(new AcknowledgedWritesSurvive()).IsClean);
    }

    [Fact]
    public void What_faults_destroyed_is_not_lost()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.VersionOf(put).WasDestroyed = true;
        planted.End();
        Assert.True(planted.Check(new AcknowledgedWritesSurvive()).IsClean);
    }

    [Fact]
    public void A_version_that_a_client_was_shown_must_not_vanish()
    {
        var planted = new PlantedHistory();
        var put = planted.Put(acknowledged: false);
        planted.Get(put);
        planted.End();
        Assert.Equal(1, planted.Check(new AcknowledgedWritesSurvive()).Lost);
    }

    [Fact]
    public void An_acknowledged_write_that_too_few_nodes_hold_is_found()
    {
        var planted = new PlantedHistory();
        planted.End(planted.Put(durableAt: 1));
        Assert.Single(planted.Check(new AcknowledgedWritesAreDurable()).Findings);
    }

    [Fact]
    public void A_deleted_value_that_is_there_at_the_end_is_resurrected()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.Delete(put.Returned);
        planted.End(put);
        Assert.Equal(1, planted.Check(new NothingIsResurrected()).Resurrected);
    }

    [Fact]
    public void A_value_nobody_wrote_is_a_phantom()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.Show(put, new Sibling(planted.NextDot(), 1, Operation.ValueOf(99)));
        Assert.NotEmpty(planted.Check(new NoPhantoms()).Findings);
    }

    [Fact]
    public void A_value_shown_before_it_was_written_is_a_phantom()
    {
        var planted = new PlantedHistory();
        planted.History.See(planted.Key, new Sibling(planted.NextDot(), 1, Operation.ValueOf(1)), now: 0);
        planted.Put();
        Assert.NotEmpty(planted.Check(new NoPhantoms()).Findings);
    }

    [Fact]
    public void A_context_that_misses_what_it_was_shown_with_is_found()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.Get(put).Returned = VersionVector.Empty;
        Assert.Single(planted.Check(new ContextsCoverWhatWasRead()).Findings);
    }

    [Fact]
    public void A_context_that_covers_what_was_not_shown_is_found()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var second = planted.Put();
        var read = planted.Get(first);
        read.Returned = read.Returned!.Merge(second.Returned!);
        Assert.Single(planted.Check(new ContextsCoverWhatWasRead()).Findings);
    }

    [Fact]
    public void A_put_that_returns_more_than_it_was_given_is_found()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var second = planted.Put();
        second.Returned = second.Returned!.Merge(first.Returned!);
        Assert.Single(planted.Check(new ContextsCoverWhatWasRead()).Findings);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void A_tombstone_that_a_delete_returns_is_its_own_only_when_it_was_asked_for_while_the_delete_went_on(int late, int findings)
    {
        var planted = new PlantedHistory();
        var delete = planted.Delete(VersionVector.Empty);
        var again = planted.History.See(
            planted.Key, new Sibling(planted.NextDot(), 1, null), now: delete.Ended!.Value + 50, asked: delete.Ended.Value + late);
        delete.Returned = delete.Returned!.With(DotRange.Of(again.Dot));
        Assert.Equal(findings, planted.Check(new ContextsCoverWhatWasRead()).Findings.Count);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void A_delete_covers_what_it_read_though_its_tombstone_is_on_no_disk_where_a_buffer_can_have_lost_it(bool isBuffered, int findings)
    {
        var planted = new PlantedHistory();
        planted.History.IsBuffered = isBuffered;
        planted.LostDelete(planted.Put());
        Assert.Equal(findings, planted.Check(new ContextsCoverWhatWasRead()).Findings.Count);
    }

    [Fact]
    public void One_dot_for_two_values_is_found_within_a_key_and_across_keys()
    {
        var planted = new PlantedHistory();
        var dot = planted.VersionOf(planted.Put()).Dot;
        planted.History.See(planted.Key, new Sibling(dot, 5, Operation.ValueOf(7)), 10);
        Assert.Single(planted.Check(new DotsAreIssuedOnce()).Findings);
        planted.History.See(Key.Of("carts", "another"), new Sibling(dot, 1, Operation.ValueOf(8)), 11);
        Assert.Equal(2, planted.Check(new DotsAreIssuedOnce()).Findings.Count);
    }

    [Fact]
    public void One_put_written_twice_is_found_unless_it_was_handed_on()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.History.See(planted.Key, new Sibling(planted.NextDot(), 1, Operation.ValueOf(put.Id)), 10);
        Assert.Single(planted.Check(new DotsAreIssuedOnce()).Findings);
        put.Forwards = 1;
        Assert.Empty(planted.Check(new DotsAreIssuedOnce()).Findings);
    }

    [Fact]
    public void Owners_that_differ_at_the_end_have_diverged()
    {
        var planted = new PlantedHistory();
        planted.End(planted.Put());
        var history = planted.History.Of(planted.Key);
        history.AtTheEnd[1] = (history.AtTheEnd[1].Owner, Record.Empty);
        Assert.Equal(1, planted.Check(new ReplicasConverge()).Diverged);
        history.AtTheEnd[1] = (history.AtTheEnd[1].Owner, null);
        Assert.Equal(1, planted.Check(new ReplicasConverge()).Diverged);
    }

    [Fact]
    public void A_last_read_that_shows_something_else_than_the_owners_hold_is_found()
    {
        var planted = new PlantedHistory();
        var first = planted.Put();
        var second = planted.Put(first.Returned);
        planted.Get(first, atTheEnd: true);
        planted.End(second);
        Assert.Single(planted.Check(new ReplicasConverge()).Findings);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_hint_that_goes_before_its_owner_knows_it_is_found(bool removedTooEarly, bool missed)
    {
        var planted = new PlantedHistory();
        var stay = planted.Hint();
        Assert.Empty(planted.Check(new HintsReachTheirOwner()).Findings);
        (stay.WasRemovedTooEarly, stay.WasMissed) = (removedTooEarly, missed);
        Assert.Single(planted.Check(new HintsReachTheirOwner()).Findings);
    }

    [Fact]
    public void Hints_left_at_the_end_are_found()
    {
        var planted = new PlantedHistory();
        planted.History.HintsLeft = 2;
        Assert.Single(planted.Check(new HintsReachTheirOwner()).Findings);
    }

    [Fact]
    public void More_versions_than_anybody_wrote_are_found()
    {
        var planted = new PlantedHistory();
        var put = planted.Put();
        planted.End(put, new Sibling(planted.NextDot(), 1, put.Shown.IsEmpty ? Operation.ValueOf(put.Id) : null));
        Assert.Single(planted.Check(new SiblingsAreBounded()).Findings);
    }

    [Fact]
    public void Views_that_agree_are_clean_and_an_owner_that_one_node_takes_for_dead_is_found()
    {
        var planted = new PlantedHistory();
        var (n1, n2, n3) = (new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
        planted.History.ViewsAtTheEnd.AddRange([planted.View(n1), planted.View(n2), planted.View(n3)]);
        Assert.Empty(planted.Check(new PreferenceListsAgree()).Findings);
        planted.History.ViewsAtTheEnd[1] = planted.View(n2, unreachable: n3);
        var finding = Assert.Single(planted.Check(new PreferenceListsAgree()).Findings);
        Assert.StartsWith("n2 is wrong about", finding.Sentence, StringComparison.Ordinal);
        planted.History.ViewsAtTheEnd[0] = planted.View(n1, unreachable: n3);
        Assert.Equal(2, planted.Check(new PreferenceListsAgree()).Findings.Count);
    }

    [Fact]
    public void Views_over_another_placement_or_with_other_properties_are_found()
    {
        var planted = new PlantedHistory();
        var (n1, n2) = (new NodeId("n1"), new NodeId("n2"));
        planted.History.ViewsAtTheEnd.AddRange([planted.View(n1), planted.View(n2, turned: true)]);
        Assert.Single(planted.Check(new PreferenceListsAgree()).Findings);
        planted.History.ViewsAtTheEnd[1] = planted.View(n2, lamport: 2);
        Assert.Single(planted.Check(new PreferenceListsAgree()).Findings);
        planted.History.ViewsAtTheEnd[0] = planted.View(n1, lamport: 2);
        Assert.Empty(planted.Check(new PreferenceListsAgree()).Findings);
    }

    [Fact]
    public void A_storm_that_clients_feel_is_found()
    {
        var planted = new PlantedHistory();
        var measure = planted.History.Storm = new StormMeasure { Delivered = 1 };
        foreach (var millisecond in Enumerable.Range(1, 20))
        {
            measure.Calm.Add(1_000 * millisecond);
            measure.Storm.Add(1_000 * millisecond);
        }

        Assert.Empty(planted.Check(new StormsDoNotHurt()).Findings);
        measure.Storm.Add(22_000);
        Assert.Empty(planted.Check(new StormsDoNotHurt()).Findings);
        measure.Storm.Add(22_001);
        Assert.Single(planted.Check(new StormsDoNotHurt()).Findings);
        measure.Storm.Failed = 1;
        Assert.Equal(2, planted.Check(new StormsDoNotHurt()).Findings.Count);
    }

    [Fact]
    public void A_storm_of_which_nothing_was_measured_is_found()
    {
        var planted = new PlantedHistory();
        planted.History.Storm = new StormMeasure();
        Assert.Single(planted.Check(new StormsDoNotHurt()).Findings);
    }

    [Fact]
    public void A_percentile_is_the_smallest_time_that_is_long_enough()
    {
        var window = new LatencyWindow();
        Assert.Equal(TimeSpan.Zero, window.Percentile(0.999));
        foreach (var microseconds in Enumerable.Range(1, 1_000).Reverse()) window.Add(microseconds);
        Assert.Equal(500, window.Percentile(0.5).TotalMicroseconds);
        Assert.Equal(999, window.Percentile(0.999).TotalMicroseconds);
        Assert.Equal(1_000, window.Percentile(1).TotalMicroseconds);
    }

    [Fact]
    public void A_change_counts_once_and_only_when_it_was_committed()
    {
        var planted = new PlantedHistory();
        var origin = new ChangeOrigin(new NodeId("n1"), "simulated", default);
        MembershipChange first = new MembershipChange.Leave(new NodeId("n2"), origin), second = new MembershipChange.Leave(new NodeId("n3"), origin);
        planted.History.ChangesCommitted.AddRange([first, second]);
        planted.History.ChangesAtTheEnd = [first];
        Assert.Empty(planted.Check(new ChangesCountOnce()).Findings);
        planted.History.ChangesAtTheEnd = [first, second, first];
        Assert.Single(planted.Check(new ChangesCountOnce()).Findings);
        planted.History.ChangesAtTheEnd = [first, new MembershipChange.Leave(new NodeId("n4"), origin)];
        Assert.Single(planted.Check(new ChangesCountOnce()).Findings);
    }
}
