using System.Collections.Immutable;

namespace Dynamo.Http;

/// <summary>Remembers the counters of the last minute, because Riak's <c>node_gets</c> and the like count one minute.</summary>
/// <remarks>It asks the node every five seconds, so "a minute" is 60 to 65 seconds; less while the server is younger.</remarks>
internal sealed class MinuteWindow : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5), Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, ImmutableSortedDictionary<string, long> Counters)> _samples = new();
    private readonly INodePort _node;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public MinuteWindow(INodePort node, TimeProvider time)
    {
        _node = node;
        _time = time;
        _timer = time.CreateTimer(_ => _ = Sample(), null, TimeSpan.Zero, Every);
    }

    /// <summary>How much each counter has grown in the last minute, under its name without <c>_total</c>.</summary>
    public IEnumerable<(string Name, long Count)> Growth(ImmutableSortedDictionary<string, long> counters)
    {
        const string suffix = "_total";
        var before = Oldest();
        foreach (var (name, count) in counters)
            if (name.EndsWith(suffix, StringComparison.Ordinal))
                yield return (name[..^suffix.Length], Math.Max(0, count - (before?.GetValueOrDefault(name) ?? count)));
    }

    /// <summary>Adds a sample, and lets go of those that a minute no longer needs.</summary>
    public void Add(ImmutableSortedDictionary<string, long> counters)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            _samples.Enqueue((now, counters));
            while (_samples.Count > 1 && now - _samples.ElementAt(1).At >= Window) _samples.Dequeue();
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private ImmutableSortedDictionary<string, long>? Oldest()
    {
        lock (_lock) return _samples.TryPeek(out var oldest) ? oldest.Counters : null;
    }

    private async Task Sample()
    {
        try
        {
            Add((await _node.Status()).Counters);
        }
        catch (Exception)
        {
            // A node that cannot speak of itself now is asked again in five seconds; /stats reports the fault itself.
        }
    }
}
