namespace Dynamo.Simulation.Tests;

/// <summary>What a receiver gets is what the wire carries; what it cannot carry ends the run.</summary>
public class SimulatedWireTests
{
    private static readonly NodeId Owner = new("n2");
    private static readonly Key Alice = Key.Of("carts", "alice");

    [Fact]
    public void A_message_arrives_as_another_object_that_says_the_same()
    {
        var sent = new ReplicaPut(new RequestId(7), new PartitionId(3), Alice, Record.Empty, Owner, PutReason.Handoff);
        var arrived = SimulatedWire.Decode(new SimulatedWire().Encode(sent));
        Assert.NotSame(sent, arrived);
        Assert.Equal(sent, arrived);
    }

    [Fact]
    public void What_is_cut_short_or_goes_on_does_not_survive()
    {
        var bytes = new SimulatedWire().Encode(new ReplicaGet(new RequestId(7), new PartitionId(3), Alice));
        Assert.Throws<InvalidOperationException>(() => SimulatedWire.Decode(bytes[..^1]));
        Assert.Throws<InvalidOperationException>(() => SimulatedWire.Decode([.. bytes, 0]));
    }

    [Fact]
    public void A_message_without_a_wire_form_ends_the_run_in_which_it_is_sent()
    {
        var environment = SimulationEnvironment.Draw(1, FaultProfile.Find("calm")!);
        var simulator = new Simulator(environment, new SpeaksOfItsOwnAffairs(), new Trace(null));
        var fault = Assert.Throws<InvalidOperationException>(() =>
        {
            simulator.StartAll();
            simulator.Run(2_000_000);
        });
        Assert.Contains(nameof(CoordinateWrite), fault.Message, StringComparison.Ordinal);
    }

    // Says to others what only its own replica may hear.
    private sealed class SpeaksOfItsOwnAffairs : Mutant
    {
        public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
            [(from, to, new CoordinateWrite(
                new RequestId(1), new PartitionId(0), Alice, VersionVector.Empty, null, LastWriteWins: false, default))];
    }
}
