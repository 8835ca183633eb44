using Dynamo.Bench.Figures;
using Dynamo.Chaos.Beds;
using Dynamo.Testing.Load;

namespace Dynamo.Bench.Processes;

/// <summary>Processes that a load drives.</summary>
internal interface IDriven
{
    /// <summary>Processor time that those that run have taken so far.</summary>
    TimeSpan Processor { get; }

    /// <summary>Fails when one has ended that nobody has killed.</summary>
    /// <exception cref="BenchException">One has.</exception>
    void CheckAlive();
}

/// <summary>A measured load in a process of its own.</summary>
internal static class Load
{
    /// <summary>The longest that a load may take, with the keys that it writes before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>Carries it out, and looks that nobody is lost.</summary>
    /// <param name="place">Where, and how long.</param>
    /// <param name="name">What the sample is called.</param>
    /// <param name="driven">Whom it drives.</param>
    /// <param name="command">The load's command line.</param>
    /// <param name="options">More of its options; what is usual is added.</param>
    /// <param name="cancel">Ends it early.</param>
    public static async Task<Sample> Measure(
        Place place, string name, IDriven driven, string[] command, string[] options, CancellationToken cancel)
    {
        var before = TimeSpan.Zero;
        var report = await Run(place, command, options, cancel, () =>
        {
            before = driven.Processor;
            return Task.CompletedTask;
        });
        var used = driven.Processor - before;
        driven.CheckAlive();
        return Sample.Of(name, report, used);
    }

    /// <summary>Carries it out.</summary>
    /// <param name="place">Where, and how long.</param>
    /// <param name="command">The load and whom it drives.</param>
    /// <param name="options">More of its options; what is usual is added.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <param name="onMeasuring">Called when what counts has begun.</param>
    /// <param name="bed">Where clients live; on 127.0.0.1 when null.</param>
    /// <param name="log">What its log is called; of two at a time each has its own.</param>
    public static async Task<LoadReport> Run(
        Place place, string[] command, string[] options, CancellationToken cancel, Func<Task>? onMeasuring = null, Bed? bed = null,
        string log = "load")
    {
        List<string> line = [place.Host, place.Programs.Load, .. command, .. options];
        Usual("--seconds", place.Seconds);
        Usual("--warm-up", place.WarmUp);
        // Requests that come by the clock leave a pool's threads waiting, and those would look for work on the processors that the nodes share with them.
        (string, string)? variable = line.Contains("--rate") ? ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0") : null;
        await using var process = ChildProcess.Start(log, place, bed?.Command(null, [.. line]) ?? [.. line], variable: variable);
        if (onMeasuring is not null)
        {
            await process.Line(static said => said == "measuring", Patience, cancel);
            await onMeasuring();
        }

        return LoadReport.Parse(await process.Line(static said => LoadReport.Parse(said) is not null, Patience, cancel))!;

        void Usual(string option, int value)
        {
            if (!line.Contains(option)) line.AddRange([option, $"{value}"]);
        }
    }
}
