using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Dynamo.Actors;

/// <summary>Finds settings that are their own value, by way of <c>${...}</c>; whoever reads one never comes back.</summary>
internal sealed class HoconCircle
{
    private readonly HashSet<HoconValue> _open = new(ReferenceEqualityComparer.Instance), _done = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether there is one.</summary>
    public static bool IsIn(Config config) => config.Root is { } root && new HoconCircle().Leads(root);

    private bool Leads(HoconValue value)
    {
        if (_done.Contains(value)) return false;
        if (!_open.Add(value)) return true;
        foreach (var element in value.Values)
            if (Below(element).Any(Leads)) return true;
        _open.Remove(value);
        _done.Add(value);
        return false;
    }

    private static IEnumerable<HoconValue> Below(IHoconElement element) => element switch
    {
        HoconSubstitution { ResolvedValue: { } resolved } => [resolved],
        HoconObject group => group.Items.Values,
        HoconArray list => list,
        _ => [],
    };
}
