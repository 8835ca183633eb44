using System.Threading.Channels;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>Where the outcome of a request goes; for a listing it is given one page after the other.</summary>
internal interface IAnswer
{
    void Give(Outcome outcome);
}

/// <summary>A caller in this process that awaits one outcome.</summary>
/// <param name="ended">Told when the outcome is there; null when nobody wants to know.</param>
internal sealed class TaskAnswer(Action<IAnswer>? ended = null) : IAnswer
{
    // The caller goes on elsewhere: the coordinator's thread is not his.
    private readonly TaskCompletionSource<Outcome> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Outcome> Task => _source.Task;

    public void Give(Outcome outcome)
    {
        if (_source.TrySetResult(outcome)) ended?.Invoke(this);
    }
}

/// <summary>A caller in this process that reads the pages of a listing.</summary>
internal sealed class PagesAnswer(ChannelWriter<Outcome> pages) : IAnswer
{
    public void Give(Outcome outcome) => pages.TryWrite(outcome);
}

/// <summary>A caller in this process that wants to know what anti-entropy has done here.</summary>
internal sealed class ProgressAnswer
{
    // The caller goes on elsewhere: the worker's thread is not his.
    private readonly TaskCompletionSource<SyncProgress> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<SyncProgress> Task => _source.Task;

    public void Give(SyncProgress progress) => _source.TrySetResult(progress);
}

/// <summary>A remote client, by way of the gateway.</summary>
/// <param name="gateway">The gateway.</param>
/// <param name="client">Who asked.</param>
/// <param name="correlation">The client's number for it.</param>
/// <param name="door">The door that the request came in by; null for a listing, which takes none.</param>
internal sealed class GatewayAnswer(IActorRef gateway, IActorRef client, ulong correlation, Door? door) : IAnswer
{
    public void Give(Outcome outcome)
    {
        door?.Leave();
        gateway.Tell(new ClientOutcome(client, correlation, outcome));
    }
}
