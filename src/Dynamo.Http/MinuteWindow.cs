using System.Collections.Immutable;
using Dynamo.Telemetry;

namespace Dynamo.Http;

/// <summary>Remembers the readings of the last minute, because Riak's <c>node_gets</c> and the like count one minute.</summary>
/// <remarks>It asks the node every five seconds, so "a minute" is 60 to 65 seconds; less while the server is younger.</remarks>
internal sealed class MinuteWindow : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5), Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, NodeReading Reading)> _samples = new();
    private readonly INodePort _node;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public MinuteWindow(INodePort node, TimeProvider time)
    {
        _node = node;
        _time = time;
        _timer = time.CreateTimer(_ => Sample(), null, TimeSpan.Zero, Every);
    }

    /// <summary>The reading of a minute ago, or the oldest there is; null before the first.</summary>
    public NodeReading? Oldest()
    {
        lock (_lock) return _samples.TryPeek(out var oldest) ? oldest.Reading : null;
    }

    /// <summary>How much each counter has grown since, under its name without <c>_total</c>.</summary>
    public static IEnumerable<(string Name, long Count)> Growth(
        ImmutableSortedDictionary<string, long> counters, ImmutableSortedDictionary<string, long>? before)
    {
        const string suffix = "_total";
        foreach (var (name, count) in counters)
            if (name.EndsWith(suffix, StringComparison.Ordinal))
                yield return (name[..^suffix.Length], Math.Max(0, count - (before?.GetValueOrDefault(name) ?? count)));
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    // Adds a sample, and lets go of those that a minute no longer needs.
    private void Sample()
    {
        try
        {
            var (now, reading) = (_time.GetUtcNow(), _node.Reading());
            lock (_lock)
            {
                _samples.Enqueue((now, reading));
                while (_samples.Count > 1 && now - _samples.ElementAt(1).At >= Window) _samples.Dequeue();
            }
        }
        catch (Exception)
        {
            // A node that cannot speak of itself now is asked again in five seconds; /stats reports the fault itself.
        }
    }
}
