using Dynamo.Testing.Load;

namespace Dynamo.Bench.Processes;

/// <summary>A measured load in a process of its own.</summary>
internal static class Load
{
    /// <summary>Carries it out.</summary>
    /// <param name="place">Where, and how long.</param>
    /// <param name="command">The load and whom it drives.</param>
    /// <param name="options">More of its options; they go before what is usual.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <param name="onMeasuring">Called when what counts has begun.</param>
    public static async Task<LoadReport> Run(
        Place place, string[] command, string[] options, CancellationToken cancel, Func<Task>? onMeasuring = null)
    {
        List<string> line = [place.Programs.Load, .. command, .. options];
        Usual("--seconds", place.Seconds);
        Usual("--warm-up", place.WarmUp);
        await using var process = ChildProcess.Start("load", place, line);
        if (onMeasuring is not null)
        {
            await process.Line(static said => said == "measuring", cancel);
            await onMeasuring();
        }

        return LoadReport.Parse(await process.Line(static said => LoadReport.Parse(said) is not null, cancel))!;

        void Usual(string option, int value)
        {
            if (!line.Contains(option)) line.AddRange([option, $"{value}"]);
        }
    }
}
