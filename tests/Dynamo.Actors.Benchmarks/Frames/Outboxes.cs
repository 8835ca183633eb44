using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>What waits to be sent to one actor, all of one kind.</summary>
internal sealed class Outbox(IActorRef to, FrameKind kind)
{
    // Well below Akka.Remote's frame of 128,000 bytes.
    private const int FullBytes = 48 << 10;
    private readonly WireWriter _entries = new(4096);

    /// <summary>Where the next entry is written.</summary>
    public WireWriter Entries => _entries;

    /// <summary>Whether it is among those that will be flushed.</summary>
    public bool IsWaiting { get; set; }

    public bool IsFull => _entries.Length >= FullBytes;

    public void Flush(IActorRef self)
    {
        if (_entries.Length == 0) return;
        to.Tell(new Frame(kind, _entries.ToArray()), self);
        _entries.Clear();
    }
}

/// <summary>
/// An actor's outboxes: batched, they are flushed by a message to itself, which it reads when its mailbox has drained so far; else each
/// entry leaves at once.
/// </summary>
internal sealed class Outboxes(IActorRef self, bool isBatched)
{
    private readonly List<Outbox> _waiting = [];
    private readonly Dictionary<IActorRef, Outbox> _replies = [];

    /// <summary>The outbox for whoever asks: answers go back where questions came from.</summary>
    public Outbox Towards(IActorRef asker, FrameKind kind)
    {
        if (!_replies.TryGetValue(asker, out var outbox)) _replies.Add(asker, outbox = new Outbox(asker, kind));
        return outbox;
    }

    /// <summary>An entry has been written.</summary>
    public void Written(Outbox outbox)
    {
        if (!isBatched || outbox.IsFull)
        {
            outbox.Flush(self);
            return;
        }

        if (outbox.IsWaiting) return;
        outbox.IsWaiting = true;
        _waiting.Add(outbox);
        if (_waiting.Count == 1) self.Tell(Flush.Instance, ActorRefs.NoSender);
    }

    /// <summary>The message to itself has come.</summary>
    public void OnFlush()
    {
        foreach (var outbox in _waiting)
        {
            outbox.IsWaiting = false;
            outbox.Flush(self);
        }

        _waiting.Clear();
    }
}

/// <summary>The message by which an actor flushes its outboxes.</summary>
internal sealed class Flush
{
    public static readonly Flush Instance = new();

    private Flush()
    {
    }
}
