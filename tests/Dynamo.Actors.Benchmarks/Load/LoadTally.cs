using Dynamo.Cli.Bench;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks.Load;

/// <summary>What became of the operations that began in some time. Single-threaded.</summary>
internal sealed class LoadTally
{
    private readonly LatencyHistogram _gets = new(), _puts = new();
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);

    /// <summary>Counts one that succeeded.</summary>
    public void Record(Step step, TimeSpan took) => (step == Step.Get ? _gets : _puts).Record(took);

    /// <summary>Counts some that failed.</summary>
    public void Fail(string error, long count = 1) => _errors[error] = _errors.GetValueOrDefault(error) + count;

    /// <summary>What it comes to.</summary>
    public LoadCounts Over(TimeSpan time)
    {
        var all = new LatencyHistogram();
        all.Add(_gets);
        all.Add(_puts);
        return new LoadCounts(
            Math.Round(time.TotalSeconds, 3), Math.Round(all.Count / time.TotalSeconds, 1), Of(all), Of(_gets), Of(_puts), _errors);
    }

    private static LoadLatencies? Of(LatencyHistogram seen)
    {
        return seen.Count == 0 ? null : new LoadLatencies(
            seen.Count, Round(seen.Mean), At(0.5), At(0.99), At(0.999), Round(seen.Max));

        double At(double share) => Round(seen.Percentile(share));
        static double Round(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);
    }
}
