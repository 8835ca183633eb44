using System.Text;

namespace Dynamo.Http;

/// <summary>Percent-encoding of arbitrary bytes (RFC 3986, section 2.1).</summary>
internal static class Percent
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Decodes one path segment or query word; false when a % is not followed by two hexadecimal digits.</summary>
    /// <param name="text">The encoded text; other characters stand for their UTF-8 bytes.</param>
    /// <param name="plusIsSpace">Whether + means a space, as in a query; in a path it is itself.</param>
    /// <param name="bytes">The bytes it stands for.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, bool plusIsSpace, out byte[] bytes)
    {
        var into = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        bytes = [];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return false;
                into[length++] = byte.Parse(text.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier);
                i += 2;
            }
            else if (text[i] == '+' && plusIsSpace)
            {
                into[length++] = (byte)' ';
            }
            else
            {
                var run = text[i..].IndexOfAny('%', '+');
                if (run < 0) run = text.Length - i;
                if (run == 0) run = 1;
                length += Encoding.UTF8.GetBytes(text.Slice(i, run), into.AsSpan(length));
                i += run - 1;
            }
        }

        bytes = into.AsSpan(0, length).ToArray();
        return true;
    }

    /// <summary>Encodes everything but letters, digits, '-', '.', '_' and '~'.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2"));
        }

        return text.ToString();
    }

    /// <summary>A name for people and JSON: itself when it is UTF-8, else percent-encoded.</summary>
    public static string Readable(ReadOnlySpan<byte> name) => TryText(name, out var text) ? text : Encode(name);

    /// <summary>Reads UTF-8; false when the bytes are not.</summary>
    public static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            text = "";
            return false;
        }

        text = StrictUtf8.GetString(bytes);
        return true;
    }
}
