using System.Text;
using System.Text.RegularExpressions;
using Akka.Configuration;

namespace Dynamo.Actors;

/// <summary>
/// Makes one HOCON text out of files, what they include, environment variables and settings from the command line.
/// </summary>
/// <remarks>
/// Akka.NET's own parser knows no environment variables, includes only into the same object, and takes unbalanced
/// brackets in silence. So this goes over the text first, quotes and comments aside, and leaves plain HOCON for that
/// parser.
/// </remarks>
internal sealed partial class HoconText
{
    private const int DeepestInclude = 16;
    // Akka's parser calls itself for each bracket, and a stack that overflows ends the process without a word.
    private const int DeepestBracket = 100;

    // Akka's parser waits in a list for one of these to go away, for ever, and takes more memory each time round.
    private const string NeverInList = ":=`^?!@*&\\$";
    private readonly StringBuilder _out = new();
    private readonly List<string> _errors;

    private HoconText(List<string> errors) => _errors = errors;

    /// <summary>The text of a file with everything it includes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errors">Receives one sentence for everything that is wrong.</param>
    public static string OfFile(string path, List<string> errors)
    {
        var text = new HoconText(errors);
        text.AddFile(path, 0);
        return text._out.ToString();
    }

    /// <summary>The text of a file that has been read already.</summary>
    internal static string OfText(string text, string path, List<string> errors)
    {
        var hocon = new HoconText(errors);
        hocon.Scan(text, path, 0);
        return hocon._out.ToString();
    }

    /// <summary>What plain HOCON says; null, and one sentence, when it is not sound.</summary>
    internal static Config? Parse(string text, List<string> errors)
    {
        try
        {
            var config = ConfigurationFactory.ParseString(text);
            if (!HoconCircle.IsIn(config)) return config;
            errors.Add("The configuration is not sound HOCON: a ${...} leads back to itself.");
            return null;
        }
#pragma warning disable CA1031 // Akka's parser throws whatever its loops run into; to a user all of that is one sentence.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            var reason = fault is ConfigurationException or FormatException ? fault.Message.Split('\n')[0].TrimEnd() : "it is cut short or out of order.";
            errors.Add($"The configuration is not sound HOCON: {reason}");
            return null;
        }
    }

    /// <summary>The text of a setting from the command line, such as <c>dynamo.http.port=8098</c>.</summary>
    /// <param name="assignment">What stands behind <c>-D</c>.</param>
    /// <param name="errors">Receives one sentence for everything that is wrong.</param>
    public static string OfAssignment(string assignment, List<string> errors)
    {
        var at = assignment.IndexOf('=', StringComparison.Ordinal);
        var key = assignment[..Math.Max(at, 0)].Trim();
        if (KeyPattern().IsMatch(key))
        {
            var value = assignment[(at + 1)..];
            return $"{key} = {(value.StartsWith('[') || value.StartsWith('{') ? OfText(value, $"-D {key}", errors) : Literal(value))}\n";
        }

        errors.Add($"-D {assignment} is not of the form key=value.");
        return "";
    }

    // A value from outside the text: a list, a group, a number or what is in quotes already is taken as it stands, anything else is a
    // text. A quote that is opened and not closed is part of the text; as it stands it would swallow whatever follows.
    private static string Literal(string value) =>
        value.Length > 0 && (value[0] is '[' or '{' || PlainPattern().IsMatch(value) || QuotedPattern().IsMatch(value)) ? value : Quote(value);

    /// <summary>A text in quotes, whatever is in it.</summary>
    public static string Quote(string text) =>
        $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"^[\w-]+(\.[\w-]+)*$")]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^[\w.-]+$")]
    private static partial Regex PlainPattern();

    [GeneratedRegex(@"^""([^""\\\n]|\\.)*""\z")]
    private static partial Regex QuotedPattern();

    // "key =" at the end of what was written so far: the value that follows is the whole of its field.
    [GeneratedRegex(@"(?<=(^|[\n{,])\s*)[^\s=:{},\[\]""]+\s*[=:][ \t]*$")]
    private static partial Regex OpenField();

    [GeneratedRegex(@"\G[ \t]*(\r?\n|,|\}|#|//|$)")]
    private static partial Regex EndOfField();

    [GeneratedRegex(@"\Ginclude\s+(?:required\s*\(\s*)?(?:file\s*\(\s*)?""(?<file>[^""\r\n]*)""[ \t]*\)*")]
    private static partial Regex Include();

    [GeneratedRegex(@"\G\$\{(?<optional>\?)?(?<name>[\w.-]+)\}")]
    private static partial Regex Substitution();

    [GeneratedRegex("^[A-Z_][A-Z0-9_]*$")]
    private static partial Regex EnvironmentName();

    private void AddFile(string path, int depth)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _errors.Add($"The configuration file {path} cannot be read: {fault.Message}");
            return;
        }

        if (depth <= DeepestInclude) Scan(text, path, depth);
        else _errors.Add($"The configuration file {path} is included more than {DeepestInclude} levels deep.");
        _out.Append('\n');
    }

    private void Scan(string text, string path, int depth)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var at = 0; at < text.Length;)
        {
            var c = text[at];
            if (c == '\n') line++;
            if (c == '#' || (c == '/' && at + 1 < text.Length && text[at + 1] == '/')) at = SkipComment(text, at);
            else if (c == '"') at = CopyQuoted(text, at, path, ref line);
            else if (c == '$' && Substitution().Match(text, at) is { Success: true } substitution)
                at = Substitute(text, at, substitution, $"{path}, line {line}");
            else if (c == 'i' && IsStartOfField() && Include().Match(text, at) is { Success: true } include)
            {
                var beside = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
                AddFile(Path.Combine(beside, include.Groups["file"].Value), depth + 1);
                at += include.Length;
            }
            else
            {
                Balance(c, open, path, line);
                _out.Append(c);
                at++;
            }
        }

        foreach (var (bracket, where) in open) _errors.Add($"{path}, line {where}: {bracket} is never closed.");
    }

    private void Balance(char c, Stack<(char Bracket, int Line)> open, string path, int line)
    {
        if (open.TryPeek(out var inside) && inside.Bracket == '[' && NeverInList.Contains(c, StringComparison.Ordinal))
            _errors.Add($"{path}, line {line}: {c} cannot stand in a list without quotes.");
        if (c is '{' or '[') open.Push((c, line));
        if (open.Count == DeepestBracket + 1 && c is ('{' or '['))
            _errors.Add($"{path}, line {line}: brackets are more than {DeepestBracket} deep.");
        if (c is not ('}' or ']')) return;
        if (open.TryPop(out var last) && last.Bracket == (c == '}' ? '{' : '[')) return;
        _errors.Add($"{path}, line {line}: {c} closes nothing.");
    }

    private static int SkipComment(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end;
    }

    private int CopyQuoted(string text, int at, string path, ref int line)
    {
        var mark = text.AsSpan(at).StartsWith("\"\"\"") ? "\"\"\"" : "\"";
        var end = at + mark.Length;
        while (end < text.Length && !text.AsSpan(end).StartsWith(mark) && (mark.Length == 3 || text[end] != '\n'))
            end += text[end] == '\\' && mark.Length == 1 ? 2 : 1;
        if (end >= text.Length || !text.AsSpan(end).StartsWith(mark))
        {
            _errors.Add($"{path}, line {line}: a text in quotes is never closed.");
            end = Math.Min(end, text.Length);
        }
        else
            end += mark.Length;

        line += text.AsSpan(at, end - at).Count('\n');
        _out.Append(text, at, end - at);
        return end;
    }

    private bool IsStartOfField()
    {
        var last = _out.Length - 1;
        while (last >= 0 && _out[last] is ' ' or '\t') last--;
        return last < 0 || _out[last] is '\n' or '{' or ',' or '}';
    }

    private int Substitute(string text, int at, Match match, string where)
    {
        var name = match.Groups["name"].Value;
        var isOptional = match.Groups["optional"].Success;
        var end = at + match.Length;
        if (!isOptional && !EnvironmentName().IsMatch(name))
        {
            _out.Append(match.Value);
            return end;
        }

        var value = Environment.GetEnvironmentVariable(name);
        if (value is null && !isOptional) _errors.Add($"{where}: the environment variable {name} is not set.");
        var written = _out.ToString(Math.Max(0, _out.Length - 512), Math.Min(512, _out.Length));
        var field = OpenField().Match(written);
        if (!field.Success || !EndOfField().IsMatch(text, end)) _out.Append(value);
        else if (value is not null) _out.Append(Literal(value));
        else _out.Length -= field.Length;
        return end;
    }
}
