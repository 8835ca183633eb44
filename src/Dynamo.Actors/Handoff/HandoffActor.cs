using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Keeps one <see cref="HintedHandoffMailbox"/> for every node that hints wait for, and passes on what concerns them.
/// </summary>
internal sealed class HandoffActor(NodeWiring wiring) : UntypedActor
{
    protected override void PreStart()
    {
        // Hints that an earlier run left.
        foreach (var owner in wiring.Store.HintOwners()) MailboxOf(owner);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case HintWaits hint:
                MailboxOf(hint.Owner).Tell(hint);
                break;
            case FromNode reply:
                Context.Child(reply.From.Name).Tell(reply);
                break;
            case ClusterView:
                foreach (var mailbox in Context.GetChildren()) mailbox.Tell(message);
                break;
        }
    }

    private IActorRef MailboxOf(NodeId owner)
    {
        var mailbox = Context.Child(owner.Name);
        return mailbox.IsNobody()
            ? Context.ActorOf(Props.Create(() => new HintedHandoffMailbox(wiring, owner)), owner.Name)
            : mailbox;
    }
}
