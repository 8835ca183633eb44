using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>One actor that answers another over Akka.Remote, and nothing else.</summary>
internal static class PingPong
{
    public const string Usage = "ping-pong --role echo --port PORT [--batched false]";

    public static async Task<int> Run(Arguments given)
    {
        if (given.Text("--role") == "client") return await FrameSystem.Drive("ping-pong", given);
        var isBatched = given.Text("--batched", "true") == "true";
        using var system = FrameSystem.Start(given.Number("--port"));
        system.ActorOf(Props.Create(() => new Echo(isBatched)), FrameSystem.Front);
        return await FrameSystem.Serve();
    }

    private sealed class Echo : UntypedActor
    {
        private static readonly byte[] Value = new byte[100];
        private readonly Outboxes _outboxes;

        public Echo(bool isBatched) => _outboxes = new Outboxes(Self, isBatched);

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Frame { Kind: FrameKind.Requests } frame:
                    var outbox = _outboxes.Towards(Sender, FrameKind.Replies);
                    var reader = new WireReader(frame.Bytes);
                    while (reader.Remaining > 0)
                    {
                        outbox.Entries.Number(reader.Number());
                        var isPut = reader.Bool();
                        reader.Bytes(Frame.MaxKey);
                        if (isPut) reader.Bytes(Frame.MaxValue);
                        outbox.Entries.Bool(false);
                        outbox.Entries.Bytes(isPut ? [] : Value);
                        _outboxes.Written(outbox);
                    }

                    break;
                case Flush:
                    _outboxes.OnFlush();
                    break;
            }
        }
    }
}
