using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// Counts what was refused and says each kind of refusal once, so that a stranger cannot fill the log.
/// </summary>
internal sealed class Refusals(NodeWiring wiring, string source)
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
        if (IsNew($"{what}|{whose}|{why}"))
            wiring.Say(EventLevel.Warning, EventNames.InputRefused, source, $"Refused {what} of {whose}: {Stopped(why)}", ("from", whose));
    }

    /// <summary>Notes that another node refuses what this one says.</summary>
    public void NoteOwn(string by, string why)
    {
        if (IsNew($"own|{by}|{why}"))
            wiring.Say(EventLevel.Warning, EventNames.NotListenedTo, source, $"{by} does not listen to this node: {Stopped(why)}", ("peer", by));
    }

    private bool IsNew(string refusal) => _said.Count < MaxRemembered && _said.Add(refusal);

    private static string Stopped(string why) => why.EndsWith('.') ? why : why + ".";
}
