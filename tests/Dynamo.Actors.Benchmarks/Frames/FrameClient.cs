using Akka.Actor;
using Dynamo.Actors.Benchmarks.Load;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>A load over frames: requests go to the nodes in turn, answers come back with the number of their operation.</summary>
internal sealed class FrameClient : LoadActor
{
    private readonly Outbox[] _nodes;
    private readonly Outboxes _outboxes;
    private int _next;

    public FrameClient(LoadPlan plan, string program, TaskCompletionSource<LoadReport> done, IReadOnlyList<IActorRef> nodes, bool isBatched)
        : base(plan, program, done)
    {
        _outboxes = new Outboxes(Self, isBatched);
        _nodes = [.. nodes.Select(static n => new Outbox(n, FrameKind.Requests))];
    }

    protected override void Send(Operation operation)
    {
        var outbox = _nodes[_next];
        _next = (_next + 1) % _nodes.Length;
        var entries = outbox.Entries;
        entries.Number(operation.Number);
        entries.Bool(operation.IsPut);
        entries.Text(NameOf(operation.Key));
        if (operation.IsPut) entries.Bytes(Value);
        _outboxes.Written(outbox);
    }

    protected override void OnAnswer(object message)
    {
        switch (message)
        {
            case Frame { Kind: FrameKind.Replies } frame:
                var reader = new WireReader(frame.Bytes);
                while (reader.Remaining > 0)
                {
                    var operation = At(reader.Number());
                    var hasFailed = reader.Bool();
                    reader.Bytes(Frame.MaxValue);
                    Ended(operation, hasFailed ? "failed" : null);
                }

                break;
            case Flush:
                _outboxes.OnFlush();
                break;
        }
    }
}
