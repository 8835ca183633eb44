using Dynamo.Actors.Fuzz;
using Dynamo.Fuzz;

namespace Dynamo.Actors.Tests;

/// <summary>Batches between clients and nodes that nobody would send are refused with sentences; Dynamo.Actors.Fuzz runs more of them.</summary>
public sealed class ClientFuzzTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_in_a_batch_is_an_unhandled_fault(bool requests)
    {
        var run = new FuzzRun(requests ? new ClientRequestsTarget() : new ClientRepliesTarget(), 7);
        run.Run(20_000);
        Assert.Equal("", run.Failure);
        Assert.Equal(20_000, run.Seen.Values.Sum());
    }
}
