using System.Text;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary>Shows a key's values: one as its bytes, several as a table.</summary>
internal static class ValueOutput
{
    private const int PreviewLength = 60;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The document of --json.</summary>
    public static object Document(string bucket, string key, KeyAnswer answer) => new
    {
        Bucket = bucket,
        Key = key,
        answer.Context,
        Siblings = answer.Values.Select(value => new
        {
            Etag = value.Tag,
            value.ContentType,
            value.LastModified,
            value.Metadata,
            value.Deleted,
            // Exactly one of the two: bytes that are no text would not survive as a JSON string.
            Value = AsText(value.Bytes),
            ValueBase64 = AsText(value.Bytes) is null ? Convert.ToBase64String(value.Bytes) : null,
        }),
    };

    /// <summary>A single value as it is, siblings as a table with the context that replaces them all.</summary>
    public static void Show(Terminal terminal, KeyAnswer answer)
    {
        if (answer.Values is [var only])
        {
            terminal.Raw(only.Bytes);
            return;
        }

        var table = new Table().RoundedBorder().AddColumns("sibling", "written", "type", "bytes", "etag", "value");
        for (var i = 0; i < answer.Values.Count; i++)
        {
            var value = answer.Values[i];
            var shown = value.Deleted ? "(deleted)" : Preview(value.Bytes);
            table.AddRow(
                $"{i + 1}", Markup.Escape(value.LastModified), Markup.Escape(value.ContentType),
                $"{value.Bytes.Length}", Markup.Escape(value.Tag), Markup.Escape(shown));
        }

        terminal.Pretty.Write(table);
        var count = answer.Values.Count;
        terminal.Text.WriteLine($"{count} siblings. --sibling N prints one; a put with this context replaces all:");
        terminal.Text.WriteLine(answer.Context);
    }

    private static string Preview(byte[] bytes)
    {
        if (AsText(bytes) is not { } text) return "(not text)";
        var shown = new string([.. text.Take(PreviewLength).Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length > PreviewLength ? shown + " ..." : shown;
    }

    private static string? AsText(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
