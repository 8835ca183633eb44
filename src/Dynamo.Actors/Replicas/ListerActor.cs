using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Answers pages of listings out of the node's store, one after the other, so that a listing takes one thread at most.
/// </summary>
internal sealed class ListerActor(NodeWiring wiring) : MachineActor(wiring)
{
    protected override bool OnInput(object message, Instant now)
    {
        if (message is not FromNode { Message: ListPage page } asked) return false;
        Effects.Send(asked.From, KeyLister.Answer(Wiring.Store, page, Wiring.Settings.ListPageKeys));
        return true;
    }
}
