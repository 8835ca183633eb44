using Dynamo.Bench.Figures;
using Dynamo.Bench.Scenarios;

namespace Dynamo.Bench;

/// <summary>Rounds of scenarios. One that breaks is told, left out of its round, and makes the whole run a failure.</summary>
internal sealed class BenchRun(Place place, IReadOnlyList<Scenario> scenarios, int rounds, Action<string> say)
{
    /// <summary>Carries all rounds out.</summary>
    public async Task<BenchReport> CarryOut(CancellationToken cancel)
    {
        List<IReadOnlyList<Sample>> measured = [];
        List<string> failures = [];
        for (var round = 1; round <= rounds; round++)
        {
            List<Sample> samples = [];
            foreach (var scenario in scenarios)
            {
                if (scenario.IsPossible?.Invoke() is { Length: > 0 } reason)
                {
                    if (round == 1) say($"Left out: {reason}");
                    continue;
                }

                try
                {
                    await foreach (var sample in scenario.Round(place, cancel))
                    {
                        samples.Add(sample);
                        say($"round {round}: {sample}");
                    }
                }
                catch (Exception fault) when (!cancel.IsCancellationRequested)
                {
                    failures.Add($"{scenario.Name}, round {round}: {fault.Message}");
                    say(failures[^1]);
                }
            }

            measured.Add(samples);
        }

        if (Directory.Exists(place.Data)) Directory.Delete(place.Data, recursive: true);
        return BenchReport.Of(measured, Scenario.Comparisons, Scenario.Limits, failures);
    }
}
