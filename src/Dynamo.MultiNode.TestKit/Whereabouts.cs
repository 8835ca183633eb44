using System.Globalization;
using Akka.Actor;
using Akka.Remote.TestKit;
using Dynamo.Actors;

namespace Dynamo.MultiNode.TestKit;

/// <summary>Says, in the test kit's actor system, at which port this process's node listens.</summary>
internal sealed class Whereabouts : ReceiveActor
{
    /// <summary>Its name under <c>/user</c>.</summary>
    public const string Name = "whereabouts";

    private const string Question = "where?";

    public Whereabouts(NodeEndpoint here) => Receive<string>(_ => Sender.Tell($"{here.Host}:{here.Port}"));

    public static Props Of(NodeEndpoint here) => Props.Create(() => new Whereabouts(here));

    public static async Task<NodeEndpoint> Ask(MultiNodeSpec spec, RoleName node, TimeSpan patience)
    {
        var answer = await spec.Sys.ActorSelection(spec.Node(node) / "user" / Name).Ask<string>(Question, patience);
        var colon = answer.LastIndexOf(':');
        return new NodeEndpoint(answer[..colon], int.Parse(answer[(colon + 1)..], CultureInfo.InvariantCulture));
    }
}
