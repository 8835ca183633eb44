using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Dynamo.Cli;

/// <summary>Where a command writes: bytes and lines to standard output, sentences to standard error.</summary>
internal sealed class Terminal
{
    // One object per line, and text stays readable: the output goes to a terminal or a program, never into a web page.
    private static readonly JsonSerializerOptions JsonStyle = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Stream _output;

    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="interactive">Whether a person sees it: then there are colours, and a value ends its line.</param>
    public Terminal(Stream output, TextWriter error, bool interactive)
    {
        _output = output;
        Error = error;
        IsInteractive = interactive;
        Text = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        Pretty = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Text),
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            // Progress bars move only where somebody watches.
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
        });
        // A file or a pipe has no width, and a table squeezed into 80 columns would break its addresses apart.
        Pretty.Profile.Width = interactive ? Math.Max(40, Console.WindowWidth) : 200;
    }

    /// <summary>Standard output as text; every line is on its way at once.</summary>
    public TextWriter Text { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Tables and colours on standard output.</summary>
    public IAnsiConsole Pretty { get; }

    /// <summary>Whether a person sees the output.</summary>
    public bool IsInteractive { get; }

    /// <summary>The process's own terminal.</summary>
    public static Terminal Standard() =>
        new(Console.OpenStandardOutput(), Console.Error, interactive: !Console.IsOutputRedirected);

    /// <summary>Writes a value as it is, so that it can be piped into a file.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        _output.Write(value);
        if (IsInteractive) _output.Write("\n"u8);
        _output.Flush();
    }

    /// <summary>Writes one JSON document on one line; names become snake_case.</summary>
    public void Json<T>(T document) => Text.WriteLine(JsonSerializer.Serialize(document, JsonStyle));
}
