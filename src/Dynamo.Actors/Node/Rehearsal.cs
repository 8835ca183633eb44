using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors;

/// <summary>What a rehearsal has carried out.</summary>
/// <param name="Answers">Requests that were answered with success.</param>
/// <param name="HintsDelivered">Hints that came home to a node that had been away.</param>
/// <param name="Ring">The number of the ring that all four nodes have settled on: 1 after the join; -1 where it did not come to that.</param>
public sealed record RehearsalReport(int Answers, int HintsDelivered, int Ring);

/// <summary>Carries out what a node is asked for seldom, on nodes in memory, so that .NET has compiled it when it is asked for.</summary>
/// <remarks>
/// .NET compiles a method when it is called for the first time. A change of the ring calls a thousand for the first time, which is a fifth of
/// a second of each node's processor just when clients' requests pass; and code compiled ahead of time does not help, since most of
/// them are collections of this project's structs. So three nodes of Core, with the wire between them, go through it in virtual time: requests,
/// one of them away and its hints, its return, and a fourth that joins. The first and the last keep databases, where
/// there is a folder for that. It takes 0.6 s of one processor, once.
/// </remarks>
public sealed class Rehearsal
{
    // Small, and large enough for the placement of usual rings: a ring of 64 is placed by other rules.
    private const int Partitions = 128, Keys = 24, Founders = 3;
    private static readonly TimeSpan Hop = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromMinutes(2);
    private readonly List<Player> _players = [];
    private readonly Queue<(NodeId From, NodeId To, byte[] Bytes)> _wire = new();
    private readonly Queue<(Player Player, WriteId Id, WriteResult Result)> _written = new();
    private readonly WireWriter _writer = new();
    private readonly Founding _founding;
    private readonly string? _folder;
    private Instant _now = new(1_000_000);
    private NodeId _away;
    private int _answers, _delivered;

    private Rehearsal(string? folder)
    {
        _folder = folder;
        if (!Founding.TryCreate("rehearsal", Partitions, 3, Enumerable.Range(0, Founders).Select(static i => new RingMember(NameOf(i))), out _founding, out var error))
            throw new InvalidOperationException(error);
    }

    /// <summary>Carries it out and says what came of it.</summary>
    /// <param name="folder">Where two of the nodes keep their databases meanwhile, emptied before and after; null for memory alone.</param>
    public static RehearsalReport Run(string? folder)
    {
        Delete(folder);
        var rehearsal = new Rehearsal(folder);
        try
        {
            return rehearsal.Play();
        }
        finally
        {
            foreach (var player in rehearsal._players) player.Store.Dispose();
            Delete(folder);
        }
    }

    // What a process that was killed has left is not there for long: the next one uses the same folder.
    private static void Delete(string? folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static NodeId NameOf(int node) => new($"n{node + 1}");

    private RehearsalReport Play()
    {
        for (var i = 0; i < Founders; i++) Add(i);
        Until(() => _players.TrueForAll(Reaches(Founders)));
        Ask("a");
        _away = NameOf(Founders - 1);
        Until(() => !_players[0].Node.View!.IsReachable(_away) && !_players[1].Node.View!.IsReachable(_away));
        Ask("b");
        _away = default;
        Until(() => _players.TrueForAll(Reaches(Founders)) && _players.TrueForAll(static p => p.Store.HintOwners().Count == 0));
        Add(Founders);
        var ring = Join() ? 1 : -1;
        Ask("c");
        foreach (var player in _players) player.Node.Repair(_now);
        Until(() => _players.TrueForAll(static p => p.Node.SyncProgress.PairsLeft == 0));
        return new RehearsalReport(_answers, _delivered, ring);
    }

    private void Add(int node)
    {
        IStorageEngine store = _folder is not null && node % Founders == 0
            ? SqliteEngine.Open(new SqliteOptions { Folder = Path.Combine(_folder, NameOf(node).Name), Sync = SyncMode.Process })
            : new MemoryEngine();
        var player = new Player(
            new DynamoNode(NameOf(node), _founding, ContextCodec.For(_founding), store, NodeSettings.Standard, (ulong)node + 1), store);
        _players.Add(player);
        Do(player, (n, e) => n.Start(_now, e));
    }

    private bool Join()
    {
        var asked = _players[0];
        var join = new MembershipChange.Join(new RingMember(NameOf(Founders)), new ChangeOrigin(asked.Node.Self, "rehearsal", _now));
        if (asked.Node.Stage(join, force: false).Length > 0) return false;
        var plan = asked.Node.Plan();
        var error = "";
        Do(asked, (n, e) => error = n.Commit(plan, _now, e));
        return error.Length == 0 && Until(() => _players.TrueForAll(static p => p.Node.Membership.State is { Settled.Number: 1, Next: null }));
    }

    // Each key is written blindly, read, and then written by what was read, at another node each time.
    private void Ask(string prefix)
    {
        for (var i = 0; i < Keys; i++)
        {
            var (key, node) = (Key.Of("rehearsal", $"{prefix}{i}"), _players[i % 2]);
            var value = new Value { Body = new byte[] { (byte)i } };
            Do(node, (n, e) => n.Request(new PutRequest(key, default, value, PutOptions.None), _now, e));
            DeliverAll();
            Do(node, (n, e) => n.Request(new GetRequest(key, GetOptions.None), _now, e));
            DeliverAll();
            ClientRequest last = i % 4 == 0
                ? new DeleteRequest(key, node.Context, PutOptions.None, GetOptions.None)
                : new PutRequest(key, node.Context, value, PutOptions.None);
            Do(_players[(i + 1) % 2], (n, e) => n.Request(last, _now, e));
            DeliverAll();
        }
    }

    // Delivers all that is on its way, and lets time pass from one deadline to the next until the condition holds.
    private bool Until(Func<bool> condition)
    {
        for (var end = _now + Patience; ;)
        {
            DeliverAll();
            if (condition()) return true;
            var next = _players.Min(static p => p.Node.Deadline);
            _now = next > _now ? next : _now + Hop;
            if (_now > end) return false;
            foreach (var player in _players)
                if (player.Node.Deadline <= _now) Do(player, (n, e) => n.OnTime(_now, e));
        }
    }

    private void DeliverAll()
    {
        while (_written.Count > 0 || _wire.Count > 0)
        {
            if (_written.TryDequeue(out var write)) Do(write.Player, (n, e) => n.OnWritten(write.Id, write.Result, _now, e));
            else Deliver(_wire.Dequeue());
        }
    }

    private void Deliver((NodeId From, NodeId To, byte[] Bytes) sent)
    {
        if (sent.From == _away || sent.To == _away || _players.Find(p => p.Node.Self == sent.To) is not { } player) return;
        var reader = new WireReader(sent.Bytes);
        if (WireCodec.Read(ref reader) is { } message) Do(player, (n, e) => n.OnMessage(sent.From, message, _now, e));
    }

    private void Do(Player player, Action<DynamoNode, Effects> step)
    {
        var effects = new Effects();
        step(player.Node, effects);
        foreach (var effect in effects.List)
        {
            switch (effect)
            {
                case Effect.Send send:
                    _writer.Clear();
                    WireCodec.Write(_writer, send.Message);
                    _wire.Enqueue((player.Node.Self, send.To, _writer.ToArray()));
                    break;
                case Effect.Write write:
                    _written.Enqueue((player, write.Id, player.Write(write.Changes)));
                    break;
                case Effect.Reply reply:
                    if (reply.Outcome.IsSuccess) _answers++;
                    if (reply.Outcome is Found found) player.Context = found.Context;
                    break;
                case Effect.Observe { Observation: Observation.HintDelivered }:
                    _delivered++;
                    break;
            }
        }
    }

    private static Predicate<Player> Reaches(int nodes) =>
        player => player.Node.View is { } view && Enumerable.Range(0, nodes).All(i => view.IsReachable(NameOf(i)));

    private sealed class Player(DynamoNode node, IStorageEngine store)
    {
        public DynamoNode Node { get; } = node;

        public IStorageEngine Store { get; } = store;

        /// <summary>The context of what was read last.</summary>
        public ReadOnlyMemory<byte> Context { get; set; }

        /// <summary>Waits until the changes are written.</summary>
        public WriteResult Write(IReadOnlyList<StoreChange> changes)
        {
            using var written = new ManualResetEventSlim();
            var result = WriteResult.Durable;
            Store.Enqueue(changes, r =>
            {
                result = r;
                written.Set();
            });
            written.Wait();
            return result;
        }
    }
}
