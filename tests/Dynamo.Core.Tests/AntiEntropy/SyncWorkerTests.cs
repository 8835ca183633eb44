using System.Collections.Immutable;

namespace Dynamo.Core.Tests.AntiEntropy;

/// <summary>What the worker owes to whom: single keys asked for in between never stand for a comparison of the whole pair.</summary>
public class SyncWorkerTests
{
    private static readonly NodeId Self = new("n1"), Peer = new("n2");
    private static readonly Ring Ring = new([new(Self), new(Peer)], [.. Enumerable.Range(0, 8).Select(static p => p % 2 == 0 ? Self : Peer)]);
    private static readonly Key Some = Key.Of("carts", "alice");
    private readonly SyncWorker _worker = new(Self, NodeSettings.Standard with { SyncPause = TimeSpan.Zero }, entropy: 7);
    private readonly Effects _effects = new();
    private readonly List<PartitionId> _compared = [];
    private readonly List<Key> _read = [];
    private Instant _now = new(1_000_000);

    [Fact]
    public void A_repair_compares_a_pair_of_which_single_keys_were_asked_for_meanwhile()
    {
        _worker.OnView(View(reachable: true), [], _now, _effects);
        Assert.Equal(8, _worker.Repair(_now));
        Give(new SyncKeys(PairOfSome, [Some]));
        Run(() => _worker.Progress.PairsLeft == 0);
        Assert.Equal(Enumerable.Range(0, 8), _compared.Select(static p => p.Index).Order());
        Assert.Equal([Some, Some], _read);
    }

    [Fact]
    public void Single_keys_do_not_wait_for_a_return_nor_take_the_place_of_the_comparison_after_it()
    {
        _worker.OnView(View(reachable: true), [], _now, _effects);
        Give(new SyncKeys(PairOfSome, [Some]));
        Run(() => _read.Count == 2);
        Assert.Empty(_compared);
        _now += NodeSettings.Standard.SyncAfterReturn;
        Run(() => _worker.Progress.PairsLeft == 0);
        Assert.Equal(8, _compared.Distinct().Count());
    }

    [Fact]
    public void Single_keys_of_a_peer_that_is_away_are_forgotten()
    {
        _worker.OnView(View(reachable: false), [], _now, _effects);
        Give(new SyncKeys(PairOfSome, [Some]));
        Run(() => _worker.Deadline > _now);
        _worker.OnView(View(reachable: true), [], _now, _effects);
        _worker.Repair(_now);
        Run(() => _worker.Progress.PairsLeft == 0);
        Assert.Equal(8, _compared.Count);
        Assert.Empty(_read);
    }

    [Fact]
    public void An_exchange_with_a_peer_that_is_known_to_be_away_does_not_wait_for_it()
    {
        _worker.OnView(View(reachable: true), [], _now, _effects);
        _worker.Repair(_now);
        _worker.OnTime(_now, _effects);
        Assert.Contains(_effects.List, static e => e is Effect.Send { Message: TreeGet });
        Assert.True(_worker.Deadline > _now);
        _worker.OnView(View(reachable: false), [], _now, _effects);
        Assert.Equal(1, _worker.Progress.Failed);
        _effects.Clear();
        _worker.OnView(View(reachable: true), [], _now, _effects);
        Run(() => _worker.Progress.PairsLeft == 0);
        Assert.Equal(8, _compared.Distinct().Count());
    }

    private static SyncPair PairOfSome => new(Ring.PartitionOf(Some), 3, Peer);

    private static ClusterView View(bool reachable) =>
        new(Self, Ring, _ => reachable, ImmutableSortedDictionary<string, PropertyEntry>.Empty);

    private void Give(Message message)
    {
        _worker.OnMessage(Self, message, _now, _effects);
        Answer();
    }

    private void Run(Func<bool> until)
    {
        for (var step = 0; !until(); step++)
        {
            Assert.True(step < 1_000, "It comes to an end.");
            if (_worker.Deadline > _now) _now = _worker.Deadline;
            _worker.OnTime(_now, _effects);
            Answer();
        }
    }

    // Both sides' replicas: equal trees, no rows.
    private void Answer()
    {
        while (_effects.List.OfType<Effect.Send>().ToList() is { Count: > 0 } sent)
        {
            _effects.Clear();
            foreach (var send in sent)
            {
                if (send is { Message: TreeGet tree })
                {
                    if (send.To == Self) _compared.Add(tree.Partition);
                    var equal = ImmutableArray.Create(new ulong[MerkleTree.FanOut]);
                    _worker.OnMessage(send.To, new TreeGetReply(tree.Id, TreeStatus.Ready, equal), _now, _effects);
                }
                else if (send is { Message: ReplicaGet get })
                {
                    _read.Add(get.Key);
                    _worker.OnMessage(send.To, new ReplicaGetReply(get.Id, StoreReadStatus.Missing, Record.Empty), _now, _effects);
                }
            }
        }
    }
}
