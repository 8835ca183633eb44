using System.Collections.Concurrent;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>A request of the typed client on its way to the actor, and the task that waits for its outcome.</summary>
/// <remarks>Whoever awaits it goes on elsewhere: the actor's thread is not his.</remarks>
internal sealed class Question(ClientRequest request, bool? coordinate = null)
    : TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously),
        INoSerializationVerificationNeeded
{
    public ClientRequest Request { get; } = request;

    /// <summary>Whether the client coordinates it, when it is a get; null for the setting.</summary>
    public bool? Coordinate { get; } = coordinate;
}

/// <summary>All questions without an outcome, so that none is left waiting when the actor stops. Thread-safe.</summary>
internal sealed class OpenQuestions
{
    private static readonly NotReady Closed = new("The client has stopped.");
    private readonly ConcurrentDictionary<Question, byte> _open = new();
    private volatile bool _closed;

    /// <summary>Hands a question to the actor; its task always ends.</summary>
    public Task<Outcome> Ask(Question question, IActorRef actor)
    {
        _open.TryAdd(question, 0);
        actor.Tell(question, ActorRefs.NoSender);
        // Told after the actor had stopped, it would lie among the dead letters for ever.
        if (_closed) End(question, Closed);
        return question.Task;
    }

    public void End(Question question, Outcome outcome)
    {
        _open.TryRemove(question, out _);
        question.TrySetResult(outcome);
    }

    /// <summary>Ends what the actor has not seen, and everything from now on.</summary>
    public void Close()
    {
        _closed = true;
        foreach (var question in _open.Keys) End(question, Closed);
    }
}
