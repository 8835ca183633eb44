using Dynamo.Chaos.Checkers;
using Dynamo.Chaos.Faults;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos;

/// <summary>Lets faults happen one after the other, each drawn from the seed, until the time is over.</summary>
/// <param name="fleet">To whom.</param>
/// <param name="choices">The kinds that may be drawn; every kind comes once before any comes again.</param>
/// <param name="seed">What order, nodes and times are drawn from.</param>
/// <param name="say">Takes a line for who watches.</param>
internal sealed class Nemesis(Fleet fleet, IReadOnlyList<FaultChoice> choices, ulong seed, Action<string> say)
{
    // Longer than the failure detector needs, so that most of each fault is time in which nothing may fail.
    private const int ShortestSeconds = 8, LongestSeconds = 12;
    private readonly Prng _random = new(seed);
    private readonly List<FaultWindow> _windows = [];
    private readonly List<string> _findings = [];

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<FaultWindow> Windows => _windows;

    /// <summary>What faults found wrong themselves.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Goes on until the time is over; the fault of that moment ends in order.</summary>
    public async Task Run(TimeSpan time, CancellationToken cancel)
    {
        var end = DateTime.UtcNow + time;
        var left = new List<FaultChoice>();
        while (true)
        {
            if (left.Count == 0) left.AddRange(choices);
            var choice = left[_random.Below(left.Count)];
            left.Remove(choice);
            var fault = choice.Draw(fleet, _random);
            var last = TimeSpan.FromSeconds(ShortestSeconds + _random.Below(LongestSeconds - ShortestSeconds + 1));
            var calm = Fleet.Detection + TimeSpan.FromSeconds(1 + _random.Below(2));
            if (DateTime.UtcNow + last + calm > end) return;
            await Carry(choice, fault, last, cancel);
            await Task.Delay(calm, cancel);
        }
    }

    private async Task Carry(FaultChoice choice, Fault fault, TimeSpan lasting, CancellationToken cancel)
    {
        var began = HistoryLine.Now;
        say($"{choice.Name,-10} {fault.Description}");
        await fault.Begin(fleet, cancel);
        var happened = HistoryLine.Now;
        await Task.Delay(lasting, cancel);
        var healing = HistoryLine.Now;
        await fault.End(fleet, cancel);
        await fleet.WhenConnected([.. Enumerable.Range(0, fleet.Count)], cancel);
        _windows.Add(new FaultWindow(choice.Name, fault.Description, began, happened, healing, HistoryLine.Now, [.. fault.Silenced])
        {
            LeavesNobody = fault.Silenced.Count == fleet.Count,
        });
        _findings.AddRange(fault.Findings);
    }
}
