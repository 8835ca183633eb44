using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

/// <summary>Siblings after random puts, merges and lost rows are exactly what a set of events says they are.</summary>
public class RecordModelTests(ITestOutputHelper output)
{
    private const int Worlds = 300, Steps = 60;

    [Fact]
    public void Records_agree_with_the_events_behind_them()
    {
        int blind = 0, informed = 0, merges = 0, lost = 0, most = 0;
        for (ulong seed = 1; seed <= Worlds; seed++)
        {
            var world = new EventWorld(seed, stores: 2 + (int)(seed % 3), EventWorld.ClaimRule.AboveFloor);
            for (var step = 0; step < Steps; step++)
            {
                world.Step();
                var disagreement = world.FirstDisagreement();
                Assert.True(disagreement is null, $"Seed {seed}, step {step}: {disagreement}");
            }

            world.MergeAll();
            Assert.Null(world.FirstDisagreement());
            blind += world.BlindPuts;
            informed += world.InformedPuts;
            merges += world.Merges;
            lost += world.LostRows;
            most = Math.Max(most, world.MostSiblings);
        }

        output.WriteLine($"{Worlds} worlds: {blind} blind puts, {informed} informed, {merges} merges, {lost} lost rows; "
            + $"at most {most} siblings.");
        Assert.True(blind > Worlds && informed > Worlds && merges > Worlds && lost > Worlds && most > 3);
    }

    [Theory]
    [InlineData(EventWorld.ClaimRule.AboveLastDot)]
    [InlineData(EventWorld.ClaimRule.ForgettingOtherRows)]
    public void The_model_catches_a_coordinator_that_claims_too_much(EventWorld.ClaimRule planted)
    {
        var caught = 0;
        for (ulong seed = 1; seed <= Worlds; seed++)
        {
            var world = new EventWorld(seed, stores: 3, planted);
            for (var step = 0; step < Steps && world.FirstDisagreement() is null; step++) world.Step();
            if (world.FirstDisagreement() is not null) caught++;
        }

        output.WriteLine($"{planted} caught in {caught} of {Worlds} worlds.");
        Assert.True(caught > Worlds / 10, $"The planted bug was caught in {caught} worlds only.");
    }
}
