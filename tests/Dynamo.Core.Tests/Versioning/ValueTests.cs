namespace Dynamo.Core.Tests;

public class ValueTests
{
    [Fact]
    public void Limits()
    {
        Assert.Equal("", new Value().Check());
        Assert.Equal("", OfType(new string('t', 255), new string('e', 255)).Check());
        Assert.Equal("The content type must have 1 to 255 characters.", OfType("").Check());
        Assert.Equal("The content type must have 1 to 255 characters.", OfType(new string('t', 256)).Check());
        Assert.Equal("The content encoding has more than 255 characters.", OfType("t", new string('e', 256)).Check());
        Assert.Equal("", WithMetadata(64, "v").Check());
        Assert.Equal("There are 65 metadata entries; at most 64 are allowed.", WithMetadata(65, "v").Check());
        Assert.Equal("", WithMetadata(1, new string('é', 4094)).Check()); // Name 3 bytes, text 8188.
        Assert.Equal(
            "The metadata has 8193 bytes; at most 8192 are allowed.", WithMetadata(1, new string('é', 4095)).Check());
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        // The other replicas would receive it as U+FFFD, and hold another value under the same dot.
        const string sentence = "The content type, encoding or metadata is not valid Unicode text.";
        Assert.Equal(sentence, OfType("\uD800").Check());
        Assert.Equal(sentence, OfType("t", "\uD800").Check());
        Assert.Equal(sentence, WithMetadata(1, "\uDC00").Check());
        Assert.Equal(sentence, new Value { Metadata = Value.NoMetadata.Add("\uD800", "") }.Check());
    }

    [Fact]
    public void The_largest_value_that_passes_the_check_passes_the_codec()
    {
        Value[] largest =
        [
            WithMetadata(1, new string('é', 4094)),
            OfType(new string('€', 255), new string('€', 255)),
        ];
        foreach (var value in largest)
        {
            Assert.Equal("", value.Check());
            var writer = new WireWriter();
            RecordCodec.Write(writer, value);
            var reader = new WireReader(writer.Written);
            Assert.Equal(value, RecordCodec.ReadValue(ref reader));
            Assert.Null(reader.Error);
        }
    }

    [Fact]
    public void Equality_looks_into_everything()
    {
        static Value Make(byte last = 2, string type = "a/b", string encoding = "gzip", string text = "v") => new()
        {
            Body = new byte[] { 1, last },
            ContentType = type,
            ContentEncoding = encoding,
            Metadata = text.Length == 0 ? Value.NoMetadata : Value.NoMetadata.Add("k", text),
        };
        Assert.Equal(Make(), Make());
        Assert.Equal(Make().GetHashCode(), Make().GetHashCode());
        Value[] others =
            [Make(last: 3), Make(type: "a/c"), Make(encoding: ""), Make(text: "w"), Make(text: ""), new Value()];
        Assert.All(others, static other => Assert.NotEqual(Make(), other));
        Assert.False(Make().Equals(null));
    }

    private static Value OfType(string type, string encoding = "") =>
        new() { ContentType = type, ContentEncoding = encoding };

    private static Value WithMetadata(int entries, string text)
    {
        var metadata = Value.NoMetadata;
        for (var i = 0; i < entries; i++) metadata = metadata.Add($"m{i:D2}", text);
        return new Value { Metadata = metadata };
    }
}
