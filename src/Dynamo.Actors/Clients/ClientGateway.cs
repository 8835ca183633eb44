using Akka.Actor;
using Dynamo.Client;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>An outcome on its way to a remote client.</summary>
internal sealed record ClientOutcome(IActorRef Client, ulong Correlation, Outcome Outcome)
    : INoSerializationVerificationNeeded;

/// <summary>Takes the requests of other actor systems and sends the outcomes back, both in batches.</summary>
/// <remarks>
/// Answers are gathered per client until the mailbox has drained, as the link does for nodes. A client is whoever sent
/// a batch, directly or through a receptionist's tunnel; nobody is watched, and answers to one that is gone are dead
/// letters.
/// </remarks>
internal sealed class ClientGateway : UntypedActor, IWithTimers
{
    private const int FullBatchBytes = 48 * 1024;
    private const int MaxTransferBytes = 64 << 20;
    private const long MaxReassemblyBytes = 256L << 20;
    private static readonly TimeSpan ChunkPatience = TimeSpan.FromSeconds(10);
    private readonly NodeWiring _wiring;
    private readonly Refusals _refusals;
    private readonly ChunkAssembler<IActorRef> _assembler = new(MaxTransferBytes, MaxReassemblyBytes, ChunkPatience);
    private readonly Dictionary<IActorRef, Batch> _batches = [];
    private readonly WireWriter _writer = new(FullBatchBytes + 4096);
    private readonly Lanes _lanes = Lanes.Of(Context.System);
    private readonly Action _flush;
    private ulong _transfers;
    private int _inFlight;
    private bool _flushing;

    public ClientGateway(NodeWiring wiring)
    {
        var self = Self;
        _flush = () => self.Tell(Flush.Instance, ActorRefs.NoSender);
        _wiring = wiring;
        _refusals = new Refusals(wiring, "dynamo.client");
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(ForgetChunks), ForgetChunks.Instance, ChunkPatience);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClientRequests requests:
                OnRequests(requests.Bytes.Span);
                break;
            case ClientOutcome outcome:
                if (outcome.Outcome is not Listing { Last: false }) _inFlight--;
                Enqueue(outcome.Client, outcome.Correlation, outcome.Outcome);
                break;
            case Flush:
                _flushing = false;
                foreach (var (client, batch) in _batches) Send(client, batch);
                // A table of clients would only grow: they say neither hello nor goodbye.
                _batches.Clear();
                break;
            case ClientChunk chunk:
                _assembler.Add(Sender, chunk.Bytes.Span, _wiring.Clock.Now, out var whole, out var error);
                if (error.Length > 0) _refusals.Note("a chunk", Sender.Path.Address.ToString(), error);
                else if (whole is not null) OnRequests(whole);
                break;
            case RingRequest request when _wiring.View is { } view:
                Sender.Tell(Snapshot(view, request.Known));
                break;
            case ForgetChunks:
                _assembler.Expire(_wiring.Clock.Now);
                break;
        }
    }

    private void OnRequests(ReadOnlySpan<byte> bytes)
    {
        if (!ClientCodec.TryRead(bytes, out List<(ulong Correlation, ClientRequest Request)> requests, out var error))
        {
            _refusals.Note("a batch", Sender.Path.Address.ToString(), error);
            return;
        }

        var asks = new List<Ask>(requests.Count);
        foreach (var (correlation, request) in requests)
        {
            if (_inFlight >= _wiring.Settings.MaxRequestsInFlight)
            {
                Enqueue(Sender, correlation, new Overloaded(
                    $"{_wiring.Self} has {_inFlight} requests of clients under way, which is its limit."));
                continue;
            }

            var door = request is ListRequest ? null : _wiring.Door;
            if (door?.Enter() is { } refusal)
            {
                Enqueue(Sender, correlation, refusal);
                continue;
            }

            _inFlight++;
            asks.Add(_wiring.Ask(request, new GatewayAnswer(Self, Sender, correlation, door)));
        }

        if (asks.Count > 0) _wiring.Coordinator.Tell(new AskBatch(asks));
    }

    private void Enqueue(IActorRef client, ulong correlation, Outcome outcome)
    {
        if (!_batches.TryGetValue(client, out var batch)) _batches.Add(client, batch = new Batch());
        ClientCodec.Write(batch.Entries, correlation, outcome);
        batch.Count++;
        if (batch.Entries.Length >= FullBatchBytes || batch.Count == ClientCodec.MaxEntries)
        {
            Send(client, batch);
            _batches.Remove(client);
        }

        if (_flushing || _batches.Count == 0) return;
        _flushing = true;
        // Behind all that waits for a thread now: much of it ends in answers as well.
        Context.Dispatcher.Schedule(_flush);
    }

    private void Send(IActorRef client, Batch batch)
    {
        _writer.Clear();
        ClientCodec.WriteReplyHead(_writer, VersionOf(_wiring.View), batch.Count);
        _writer.Raw(batch.Entries.Written);
        var bytes = _writer.ToArray();
        if (bytes.Length <= Chunks.MaxBytes)
        {
            _lanes.Tell(client, new ClientReplies(bytes), Self);
            return;
        }

        foreach (var chunk in Chunks.Split(++_transfers, bytes, room: 0)) client.Tell(new ClientChunk(chunk), Self);
    }

    // The ring that has come to its end: of one that is coming nodes may think differently, and one that is not the latest costs a hop.
    private RingSnapshot Snapshot(ClusterView view, ulong? known)
    {
        var (peers, version, ring) = (_wiring.Peers, VersionOf(view), view.Rings?.Settled.Ring ?? view.Ring);
        return new RingSnapshot(
            _wiring.Founding, version,
            [.. ring.Members.Select(m => new RingSnapshot.Node(
                m.Node, peers.GetValueOrDefault(m.Node)?.Address ?? "", view.IsReachable(m.Node)))],
            version == 0 || version == known ? [] : ring.OwnerIndexes);
    }

    private static ulong VersionOf(ClusterView? view) => (ulong)(view?.Rings?.Settled.Number ?? 0);

    private sealed class Batch
    {
        public WireWriter Entries { get; } = new(1024);

        public int Count { get; set; }
    }

    private sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    private sealed class ForgetChunks : INoSerializationVerificationNeeded
    {
        public static readonly ForgetChunks Instance = new();
    }
}
