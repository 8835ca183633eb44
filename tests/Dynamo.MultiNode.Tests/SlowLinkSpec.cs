using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// The line to one of three nodes is slow: who asks for two replicas does not wait for it, who asks for three gets them, and
/// nobody takes slow for gone. Then the machine behind the line dies for good, and the other two go on.
/// </summary>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.5: the slowest of the R or W replicas dictates a request's latency, so R
/// and W are less than N; section 4.8.1: an outage rarely signifies a permanent departure.
/// </remarks>
public sealed class SlowLinkSpec : PartitionSpec<SlowLinkSpec.ThreeNodes>
{
    private const int Keys = 6;

    // A value takes a quarter of a second, far longer than a request between the fast two.
    private const int BytesPerSecond = 64 << 10;
    private static readonly string Large = new('x', BytesPerSecond / 4);

    private RoleName[] Fast => [.. Nodes[..2]];

    private RoleName[] Far => [Nodes[2]];

    [MultiNodeFact]
    public void Who_asks_for_two_replicas_does_not_wait_for_the_third_behind_a_slow_line()
    {
        Start();
        Slow(Fast, Far, BytesPerSecond);
        RunOn(
            () =>
            {
                // A put that was acknowledged and still awaits the third replica is counted as under way; on a quick line
                // there is hardly ever one.
                var awaiting = 0;
                for (var i = 0; i < Keys; i++)
                {
                    Put(KeyOf(i), Large, options: W(2));
                    awaiting = Math.Max(awaiting, Dynamo.RequestsInFlight);
                    Assert.Equal([Large], Texts(Get(KeyOf(i), R(2))));
                }

                Assert.True(awaiting >= 3, $"at most {awaiting} of {Keys} puts were acknowledged before the slow replica");
            },
            Fast[0]);
        Barrier("written-by-two");

        // Asked for all three, a put is acknowledged when the slow one has it on its disk, not before.
        RunOn(() => Put(KeyOf(Keys), "by all", options: W(3)), Fast[1]);
        Barrier("written-by-all");
        RunOn(() => Assert.Equal(["by all"], Texts(OwnSiblings(KeyOf(Keys)))), Far);
        RunOn(() => Put(KeyOf(Keys + 1), "from afar", options: W(3)), Far);
        Barrier("written-from-afar");
        Assert.Equal(["from afar"], Texts(Get(KeyOf(Keys + 1), R(3))));
        AwaitReachable([.. Nodes]);
        AwaitNoHints();
        for (var i = 0; i < Keys; i++) AwaitInOwnStore(KeyOf(i), Large);
        AssertNobodyGone();
        Barrier("arrived");

        Kill(Far[0]);
        AwaitReachable(Fast);
        Put(KeyOf(0), Myself.Name, ContextOf(KeyOf(0)), W(2));
        AssertNobodyGone();
        Barrier("end");
    }

    private static Key KeyOf(int number) => Key.Of("b", $"k{number}");

    /// <summary>node1 to node3, who have patience with a replica.</summary>
    public sealed class ThreeNodes : PartitionConfig
    {
        public ThreeNodes()
            : base(3) => Settings = Settings with { ReplicaTimeout = TimeSpan.FromSeconds(10) };
    }
}
