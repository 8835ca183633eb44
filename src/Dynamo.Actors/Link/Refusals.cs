using Akka.Event;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Counts what was refused and says each kind of refusal once, so that a stranger cannot fill the log.
/// </summary>
internal sealed class Refusals(NodeWiring wiring, ILoggingAdapter log)
{
    private const int MaxRemembered = 256;
    private readonly SortedSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Notes a refusal; what was asked for is not there.</summary>
    public T? Note<T>(string what, string whose, string why)
        where T : class
    {
        Note(what, whose, why);
        return null;
    }

    /// <summary>Notes a refusal.</summary>
    /// <param name="what">What was refused.</param>
    /// <param name="whose">Who sent it.</param>
    /// <param name="why">Why, a clause without a full stop or a sentence.</param>
    public void Note(string what, string whose, string why)
    {
        wiring.Observe(new Observation.InputRefused(whose, why));
        if (IsNew($"{what}|{whose}|{why}")) log.Warning("Refused {0} of {1}: {2}", what, whose, Stopped(why));
    }

    /// <summary>Notes that another node refuses what this one says.</summary>
    public void NoteOwn(string by, string why)
    {
        if (IsNew($"own|{by}|{why}")) log.Warning("{0} does not listen to this node: {1}", by, Stopped(why));
    }

    private bool IsNew(string refusal) => _said.Count < MaxRemembered && _said.Add(refusal);

    private static string Stopped(string why) => why.EndsWith('.') ? why : why + ".";
}
