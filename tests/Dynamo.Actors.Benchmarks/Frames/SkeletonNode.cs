using System.Runtime.InteropServices;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>
/// The bare skeleton of a quorum over Akka.Remote: what the messages of N = 3, R = 2, W = 2 cost by themselves. There are no
/// versions, no storage, no failures, no repair.
/// </summary>
internal static class SkeletonNode
{
    public const string Usage = "skeleton --role replica --port PORT --peers HOST:PORT,... [--batched true]";

    private const string Replica = "replica";

    public static async Task<int> Run(Arguments given)
    {
        if (given.Text("--role") == "client") return await FrameSystem.Drive("skeleton", given);
        var port = given.Number("--port");
        var isBatched = given.Text("--batched", "true") == "true";
        var peers = given.List("--peers");
        using var system = FrameSystem.Start(port);
        system.ActorOf(Props.Create(() => new SkeletonReplica(isBatched)), Replica);
        // Connections opened from both ends at once can leave Akka.Remote reading neither: each node dials those before it in the list.
        foreach (var earlier in peers.TakeWhile(p => !p.EndsWith($":{port}", StringComparison.Ordinal)))
            await FrameSystem.Meet(system, earlier, Replica);
        var replicas = peers.Select(p => p.EndsWith($":{port}", StringComparison.Ordinal)
            ? system.ActorOf(Props.Create(() => new SkeletonReplica(isBatched)), "local") : FrameSystem.At(system, p, Replica)).ToList();
        system.ActorOf(Props.Create(() => new SkeletonCoordinator(replicas, isBatched)), FrameSystem.Front);
        return await FrameSystem.Serve();
    }
}

/// <summary>A dictionary that answers.</summary>
internal sealed class SkeletonReplica : UntypedActor
{
    private readonly Dictionary<string, byte[]> _values = [];
    private readonly Outboxes _outboxes;

    public SkeletonReplica(bool isBatched) => _outboxes = new Outboxes(Self, isBatched);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Frame { Kind: FrameKind.Asks } frame:
                var outbox = _outboxes.Towards(Sender, FrameKind.Answers);
                var reader = new WireReader(frame.Bytes);
                while (reader.Remaining > 0)
                {
                    var number = reader.Number();
                    var isPut = reader.Bool();
                    var key = reader.Text(Frame.MaxKey);
                    ReadOnlySpan<byte> found = [];
                    if (isPut) _values[key] = reader.Bytes(Frame.MaxValue).ToArray();
                    else found = _values.GetValueOrDefault(key);
                    outbox.Entries.Number(number);
                    outbox.Entries.Bool(false);
                    outbox.Entries.Bytes(found);
                    _outboxes.Written(outbox);
                }

                break;
            case Flush:
                _outboxes.OnFlush();
                break;
        }
    }
}

/// <summary>Sends each request to all three replicas and answers when two have.</summary>
internal sealed class SkeletonCoordinator : UntypedActor
{
    private const int Quorum = 2;
    private readonly Dictionary<ulong, Pending> _pending = [];
    private readonly Outbox[] _replicas;
    private readonly Outboxes _outboxes;
    private ulong _last;

    public SkeletonCoordinator(IReadOnlyList<IActorRef> replicas, bool isBatched)
    {
        _outboxes = new Outboxes(Self, isBatched);
        _replicas = [.. replicas.Select(static r => new Outbox(r, FrameKind.Asks))];
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Frame { Kind: FrameKind.Requests } frame:
                OnRequests(frame.Bytes);
                break;
            case Frame { Kind: FrameKind.Answers } frame:
                OnAnswers(frame.Bytes);
                break;
            case Flush:
                _outboxes.OnFlush();
                break;
        }
    }

    private void OnRequests(ReadOnlySpan<byte> requests)
    {
        var client = _outboxes.Towards(Sender, FrameKind.Replies);
        var reader = new WireReader(requests);
        while (reader.Remaining > 0)
        {
            _pending.Add(++_last, new Pending(client, reader.Number()));
            var from = reader.Position;
            var isPut = reader.Bool();
            reader.Bytes(Frame.MaxKey);
            if (isPut) reader.Bytes(Frame.MaxValue);
            var entry = requests[from..reader.Position];
            foreach (var replica in _replicas)
            {
                replica.Entries.Number(_last);
                replica.Entries.Raw(entry);
                _outboxes.Written(replica);
            }
        }
    }

    private void OnAnswers(ReadOnlySpan<byte> answers)
    {
        var reader = new WireReader(answers);
        while (reader.Remaining > 0)
        {
            var number = reader.Number();
            reader.Bool();
            var value = reader.Bytes(Frame.MaxValue);
            ref var pending = ref CollectionsMarshal.GetValueRefOrNullRef(_pending, number);
            pending.Answers++;
            if (pending.Answers == Quorum)
            {
                pending.Client.Entries.Number(pending.Number);
                pending.Client.Entries.Bool(false);
                pending.Client.Entries.Bytes(value);
                _outboxes.Written(pending.Client);
            }

            if (pending.Answers == _replicas.Length) _pending.Remove(number);
        }
    }

    private record struct Pending(Outbox Client, ulong Number, int Answers = 0);
}
