using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Checkers;

/// <summary>What clients felt of one fault.</summary>
/// <param name="Window">The fault.</param>
/// <param name="Operations">Operations under way while it lasted that could have been served.</param>
/// <param name="Silenced">Operations that nobody could have served.</param>
/// <param name="Failed">Those of <paramref name="Operations"/> that failed.</param>
/// <param name="Unexcused">Those of <paramref name="Failed"/> that the failure detector's time does not excuse.</param>
/// <param name="Unavailable">From the fault's beginning to the beginning of the last operation that failed before it healed.</param>
internal sealed record FaultFigures(
    FaultWindow Window, int Operations, int Silenced, int Failed, IReadOnlyList<HistoryLine> Unexcused, TimeSpan Unavailable);

/// <summary>Decides from a history which operations failed though they could have been served.</summary>
/// <remarks>
/// An operation can be served when the node that was asked reaches a quorum. It may fail all the same as long as nobody can know
/// what has happened: within the failure detector's time of a fault's beginning, and while it heals.
/// </remarks>
internal static class Availability
{
    /// <summary>What clients felt of each fault, and what failed while there was none.</summary>
    /// <param name="history">Every operation.</param>
    /// <param name="windows">Every fault, in order; no two at a time.</param>
    /// <param name="detection">The failure detector's time.</param>
    public static (IReadOnlyList<FaultFigures> Faults, IReadOnlyList<HistoryLine> FailedInCalm) Judge(
        IReadOnlyCollection<HistoryLine> history, IReadOnlyList<FaultWindow> windows, TimeSpan detection)
    {
        var micros = detection.Ticks / TimeSpan.TicksPerMicrosecond;
        var inFaults = new HashSet<HistoryLine>(ReferenceEqualityComparer.Instance);
        var figures = new List<FaultFigures>();
        foreach (var window in windows)
        {
            int operations = 0, silenced = 0, failed = 0;
            var last = window.Began;
            var unexcused = new List<HistoryLine>();
            foreach (var line in history)
            {
                if (line.Ended < window.Began || line.Began > window.Healed) continue;
                inFaults.Add(line);
                if (line.Node is { } node ? window.Silenced.Contains(node) : window.LeavesNobody)
                {
                    silenced++;
                    continue;
                }

                operations++;
                if (line.Succeeded) continue;
                failed++;
                if (line.Began < window.Healing) last = Math.Max(last, line.Began);
                if (!IsExcused(line, window, micros)) unexcused.Add(line);
            }

            figures.Add(new FaultFigures(
                window, operations, silenced, failed, unexcused, TimeSpan.FromMicroseconds(last - window.Began)));
        }

        return (figures, [.. history.Where(line => !line.Succeeded && !inFaults.Contains(line))]);
    }

    // Whoever began within the time, and whoever was under way when it happened.
    private static bool IsExcused(HistoryLine line, FaultWindow window, long detection) =>
        line.Began <= window.Began + detection
        || (line.Began <= window.Happened + detection && line.Ended >= window.Happened)
        || line.Ended >= window.Healing;
}
