using System.Globalization;

namespace Dynamo.Cli.Bench;

/// <summary>The stretches of a run as they stand on the command line: "2000", or "2000:10,8000:60,2000:20".</summary>
internal static class StretchText
{
    /// <summary>Reads them.</summary>
    /// <param name="rate">The text; null asks for a closed loop.</param>
    /// <param name="seconds">How long a stretch is that does not say.</param>
    /// <param name="warmUp">How long to warm up before, at the rate of the first; 0 not at all.</param>
    /// <param name="wrong">"" when the text could be read, else one sentence.</param>
    public static IReadOnlyList<Stretch> Parse(string? rate, int seconds, int warmUp, out string wrong)
    {
        wrong = "";
        List<Stretch> stretches = [];
        if (rate is null) stretches.Add(new Stretch(0, TimeSpan.FromSeconds(seconds)));
        foreach (var part in rate?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var colon = part.IndexOf(':');
            var length = seconds;
            var perSecond = colon < 0 ? part : part[..colon];
            if (!double.TryParse(perSecond, CultureInfo.InvariantCulture, out var number) || number is not (> 0 and <= 1_000_000)
                || (colon >= 0 && !(int.TryParse(part[(colon + 1)..], CultureInfo.InvariantCulture, out length) && length is > 0 and <= 86_400)))
            {
                wrong = $"'{part}' is no rate such as 2000 or 2000:60: operations per second up to 1000000, and seconds.";
                return [];
            }

            stretches.Add(new Stretch(number, TimeSpan.FromSeconds(length)));
        }

        if (warmUp > 0) stretches.Insert(0, new Stretch(stretches[0].Rate, TimeSpan.FromSeconds(warmUp), IsWarmUp: true));
        return stretches;
    }
}
