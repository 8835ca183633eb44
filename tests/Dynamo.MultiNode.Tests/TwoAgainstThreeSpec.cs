using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;
using Dynamo.Core;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// Five nodes fall into two and three; both sides go on writing, nobody is shut down, and afterwards both sides are
/// equal.
/// </summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), sections 2.3 ("always writeable"), 4.4 and 4.6.</remarks>
public sealed class TwoAgainstThreeSpec : PartitionSpec
{
    private const int Keys = 12;
    private readonly RoleName[] _two;
    private readonly RoleName[] _three;

    public TwoAgainstThreeSpec()
        : this(new FiveNodes())
    {
    }

    private TwoAgainstThreeSpec(FiveNodes config)
        : base(config, typeof(TwoAgainstThreeSpec))
    {
        _two = [.. config.Nodes.Take(2)];
        _three = [.. config.Nodes.Skip(2)];
    }

    [MultiNodeFact]
    public void Both_sides_of_a_partition_stay_writeable_and_agree_when_it_heals()
    {
        Start();
        RunOn(() => Each(key => Put(key, "old")), _two[0]);
        Barrier("written");
        var context = ContextOf(KeyOf(0));

        // The first writes come before anybody has noticed the cut: silent replicas are replaced within the request.
        Split(_two, _three);
        RunOn(() => Put(KeyOf(0), "of two", context, QuorumSize.One), _two[0]);
        RunOn(() => Put(KeyOf(0), "of three", context, QuorumSize.Of(2)), _three[0]);
        RunOn(() => AwaitReachable(_two), _two);
        RunOn(() => AwaitReachable(_three), _three);
        Barrier("noticed");
        AssertNobodyIsGone();

        // Both replace what they have read before the cut. Two nodes are enough for w=2: the fallbacks keep hints.
        RunOn(() => Each(key => Put(key, "of two", ContextOf(key), QuorumSize.Of(2))), _two[1]);
        RunOn(() => Each(key => Put(key, "of three", ContextOf(key), QuorumSize.Of(2))), _three[1]);
        Barrier("both-have-written");
        RunOn(() => Each(static (spec, key) => Assert.Equal(["of two"], Texts(spec.Get(key)))), _two);
        RunOn(() => Each(static (spec, key) => Assert.Equal(["of three"], Texts(spec.Get(key)))), _three);
        AssertNobodyIsGone();
        Barrier("both-have-read");

        Heal(_two, _three);
        AwaitReachable([.. _two, .. _three]);
        AwaitNoHints();
        Each(key => AwaitInOwnStore(key, "of three", "of two"));
        AssertNobodyIsGone();
        Barrier("equal");

        // Whoever has seen both may replace both, and every node then shows that alone.
        RunOn(() => Each(key => Put(key, "merged", ContextOf(key))), _three[2]);
        Barrier("merged");
        Each(static (spec, key) => spec.AwaitAssert(() => Assert.Equal(["merged"], Texts(spec.Get(key)))));
        Barrier("end");
    }

    private static Key KeyOf(int number) => Key.Of("carts", $"cart{number}");

    private static void Each(Action<Key> action)
    {
        for (var i = 0; i < Keys; i++) action(KeyOf(i));
    }

    private void Each(Action<TwoAgainstThreeSpec, Key> action) => Each(key => action(this, key));

    // A side without any owner of the key has never heard of it, and writes without a context.
    private ReadOnlyMemory<byte> ContextOf(Key key) => Get(key) is Found found ? found.Context : default;

    /// <summary>node1 to node5.</summary>
    public sealed class FiveNodes() : PartitionConfig(5);
}
