using System.Globalization;
using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Dynamo.Actors;

/// <summary>Reads settings one by one and remembers everything that is wrong with them.</summary>
/// <param name="config">The settings, with reference.conf behind them.</param>
/// <param name="errors">Receives one sentence for everything that is wrong.</param>
internal sealed partial class SettingsReader(Config config, List<string> errors)
{
    private static readonly (string Unit, long Factor)[] SizeUnits =
    [
        ("", 1), ("b", 1), ("k", 1L << 10), ("kb", 1L << 10), ("kib", 1L << 10), ("m", 1L << 20), ("mb", 1L << 20),
        ("mib", 1L << 20), ("g", 1L << 30), ("gb", 1L << 30), ("gib", 1L << 30),
    ];

    private static readonly (string Unit, TimeSpan Length)[] TimeUnits =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    private readonly List<string> _broken = [];

    /// <summary>A text; "" when it is empty.</summary>
    public string Text(string key)
    {
        var value = config.GetValue(key);
        if (value is { } v && v.IsString()) return v.GetString() ?? "";
        if (value is not null && (value.IsObject() || value.IsArray())) Complain(key, $"{key} must be a text.");
        return "";
    }

    /// <summary>A text that must not be empty.</summary>
    public string Required(string key)
    {
        var text = Text(key);
        if (text.Length == 0) Complain(key, $"{key} is not set.");
        return text;
    }

    /// <summary>A whole number in <paramref name="min"/>..<paramref name="max"/>.</summary>
    public long Number(string key, long min, long max)
    {
        var text = Text(key);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max) return number;
        Complain(key, $"{key} is {Shown(text)}; it must be a whole number from {min} to {max}.");
        return min;
    }

    /// <summary>A number of bytes in <paramref name="min"/>..<paramref name="max"/>.</summary>
    public long Size(string key, long min, long max)
    {
        var text = Text(key);
        var match = NumberAndUnit().Match(text);
        var unit = Array.Find(SizeUnits, u => Is(u.Unit, match));
        if (match.Success && unit.Factor > 0
            && NumberOf(match) * unit.Factor is var bytes
            && bytes >= min && bytes <= max) return (long)bytes;
        var range = $"from {ShownSize(min)} to {ShownSize(max)}";
        Complain(key, $"{key} is {Shown(text)}; it must be a size such as 512KiB or 1MiB, {range}.");
        return min;
    }

    /// <summary>A duration in <paramref name="min"/>..<paramref name="max"/>.</summary>
    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max) => Duration(key, Text(key), min, max, "");

    /// <summary>A duration in <paramref name="min"/>..<paramref name="max"/>, or zero for the word off.</summary>
    public TimeSpan DurationOrOff(string key, TimeSpan min, TimeSpan max)
    {
        var text = Text(key);
        return text == "off" ? TimeSpan.Zero : Duration(key, text, min, max, "off or ");
    }

    private TimeSpan Duration(string key, string text, TimeSpan min, TimeSpan max, string or)
    {
        var match = NumberAndUnit().Match(text);
        var unit = Array.Find(TimeUnits, u => Is(u.Unit, match));
        if (match.Success && unit.Unit is not null
            && NumberOf(match) * unit.Length.Ticks is var ticks
            && ticks >= min.Ticks && ticks <= max.Ticks) return TimeSpan.FromTicks((long)ticks);
        var range = $"from {ShownTime(min)} to {ShownTime(max)}";
        Complain(key, $"{key} is {Shown(text)}; it must be {or}a duration such as 500ms or 10s, {range}.");
        return min;
    }

    /// <summary>One of a few words.</summary>
    public string Choice(string key, params string[] words)
    {
        var text = Text(key);
        if (words.Contains(text)) return text;
        Complain(key, $"{key} is {Shown(text)}; it must be {string.Join(", ", words[..^1])} or {words[^1]}.");
        return words[0];
    }

    /// <summary>On or off.</summary>
    public bool Switch(string key)
    {
        var text = Text(key);
        if (text is "on" or "true" or "yes") return true;
        if (text is not ("off" or "false" or "no")) Complain(key, $"{key} is {Shown(text)}; it must be on or off.");
        return false;
    }

    /// <summary>The entries of a list.</summary>
    public IReadOnlyList<HoconValue> Entries(string key)
    {
        var value = config.GetValue(key);
        if (value is not null && value.IsArray()) return [.. value.GetArray()];
        if (value is not null && (value.IsObject() || Text(key).Length > 0))
            Complain(key, $"{key} must be a list, such as [\"a\", \"b\"].");
        return [];
    }

    /// <summary>
    /// Names every key below <paramref name="root"/> that the reference does not have, and every group that is none.
    /// </summary>
    public void CheckKeys(string root, Config reference) =>
        CheckKeys(root, config.GetValue(root), reference.GetValue(root));

    // Where a group is none, its settings have nothing to be blamed for.
    private void Complain(string key, string sentence)
    {
        if (_broken.Exists(path => key.StartsWith(path, StringComparison.Ordinal))) return;
        if (!errors.Contains(sentence)) errors.Add(sentence);
    }

    private void CheckKeys(string path, HoconValue? actual, HoconValue known)
    {
        if (actual is null || !known.IsObject()) return;
        if (!actual.IsObject())
        {
            errors.Add($"{path} must be a group of settings.");
            _broken.Add(path + ".");
            return;
        }

        var names = known.GetObject().Items;
        foreach (var (name, value) in actual.GetObject().Items)
        {
            if (names.TryGetValue(name, out var expected)) CheckKeys($"{path}.{name}", value, expected);
            else errors.Add($"{path}.{name} is not a setting; reference.conf lists all there are.");
        }
    }

    private static bool Is(string unit, Match match) =>
        unit.Equals(match.Groups["unit"].Value, StringComparison.OrdinalIgnoreCase);

    private static decimal NumberOf(Match match) =>
        decimal.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);

    private static string Shown(string text) => text.Length == 0 ? "empty" : $"\"{text}\"";

    private static string ShownSize(long bytes)
    {
        if (bytes == 0) return "0";
        if (bytes == 1) return "1 byte";
        var unit = SizeUnits.Last(u => bytes % u.Factor == 0 && bytes >= u.Factor);
        return unit.Factor == 1 ? $"{bytes} bytes" : $"{bytes / unit.Factor}{char.ToUpperInvariant(unit.Unit[0])}iB";
    }

    private static string ShownTime(TimeSpan time)
    {
        if (time == TimeSpan.Zero) return "0s";
        var unit = TimeUnits.Last(u => time.Ticks % u.Length.Ticks == 0 && time >= u.Length);
        return $"{time.Ticks / unit.Length.Ticks}{unit.Unit}";
    }

    [GeneratedRegex(@"^\s*(?<number>[0-9]{1,15}(\.[0-9]{1,6})?)\s*(?<unit>[a-zA-Z]*)\s*$")]
    private static partial Regex NumberAndUnit();
}
