namespace Dynamo.Core.Tests;

/// <summary>The dumb version vector: a set with every dot in it, one by one.</summary>
internal sealed class DotSet
{
    private readonly SortedSet<Dot> _dots = [];

    public int Count => _dots.Count;

    public void Add(DotRange range)
    {
        // Written so that the largest counter ends the loop too.
        for (var counter = range.First; ; counter++)
        {
            _dots.Add(new Dot(range.Replica, counter));
            if (counter == range.Last) return;
        }
    }

    public bool Covers(Dot dot) => _dots.Contains(dot);

    public DotSet Union(DotSet other)
    {
        var union = new DotSet();
        union._dots.UnionWith(_dots);
        union._dots.UnionWith(other._dots);
        return union;
    }

    public bool Includes(DotSet other) => _dots.IsSupersetOf(other._dots);

    /// <summary>The dots in ranges as long as they can be: what the normal form must look like.</summary>
    public List<DotRange> Ranges()
    {
        var ranges = new List<DotRange>();
        foreach (var dot in _dots)
            if (ranges.Count > 0 && ranges[^1].Replica == dot.Replica && ranges[^1].Last + 1 == dot.Counter)
                ranges[^1] = ranges[^1] with { Last = dot.Counter };
            else
                ranges.Add(DotRange.Of(dot));
        return ranges;
    }

    public static DotSet Of(VersionVector vector)
    {
        var set = new DotSet();
        foreach (var range in vector.Ranges) set.Add(range);
        return set;
    }
}
