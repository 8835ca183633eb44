using System.Diagnostics;
using System.Text;
using Dynamo.Simulation;

namespace Dynamo.Cli.Paper;

/// <summary>Writes a report into a folder: its figures as NAME.csv, and NAME.svg.</summary>
internal static class PaperFiles
{
    /// <summary>Writes both and gives their paths.</summary>
    /// <exception cref="CommandFailure">The folder cannot be written to.</exception>
    public static (string Csv, string Svg) Write(PaperReport report, string folder)
    {
        var (csv, svg) = (Path.Combine(folder, $"{report.Name}.csv"), Path.Combine(folder, $"{report.Name}.svg"));
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(csv, report.ToCsv(), new UTF8Encoding(false));
            File.WriteAllText(svg, Draw(report.Chart), new UTF8Encoding(false));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failure, $"{folder} cannot be written to: {fault.Message}");
        }

        return (csv, svg);
    }

    /// <summary>The picture of a chart.</summary>
    public static string Draw(PaperChart chart) => chart switch
    {
        CurveChart curves => SvgCurves.Draw(curves),
        BarChart bars => SvgBars.Draw(bars),
        VersionChart versions => SvgVersions.Draw(versions),
        _ => throw new UnreachableException($"Nobody draws a {chart.GetType().Name}."),
    };
}
