namespace Dynamo.Core.Tests;

public class ValueTests
{
    [Fact]
    public void Limits()
    {
        Assert.Equal("", new Value().Check());
        Assert.Equal("", new Value { ContentType = new string('t', 255), ContentEncoding = new string('e', 255) }.Check());
        Assert.Equal("The content type must have 1 to 255 characters.", new Value { ContentType = "" }.Check());
        Assert.Equal("The content type must have 1 to 255 characters.", new Value { ContentType = new string('t', 256) }.Check());
        Assert.Equal("The content encoding has more than 255 characters.", new Value { ContentEncoding = new string('e', 256) }.Check());
        Assert.Equal("", WithMetadata(64, "v").Check());
        Assert.Equal("There are 65 metadata entries; at most 64 are allowed.", WithMetadata(65, "v").Check());
        Assert.Equal("", WithMetadata(1, new string('é', 4094)).Check()); // Name 3 bytes, text 8188.
        Assert.Equal("The metadata has 8193 bytes; at most 8192 are allowed.", WithMetadata(1, new string('é', 4095)).Check());
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        // The other replicas would receive it as U+FFFD, and hold another value under the same dot.
        const string sentence = "The content type, encoding or metadata is not valid Unicode text.";
        Assert.Equal(sentence, new Value { ContentType = "\uD800" }.Check());
        Assert.Equal(sentence, new Value { ContentEncoding = "\uD800" }.Check());
        Assert.Equal(sentence, WithMetadata(1, "\uDC00").Check());
        Assert.Equal(sentence, new Value { Metadata = Value.NoMetadata.Add("\uD800", "") }.Check());
    }

    [Fact]
    public void The_largest_value_that_passes_the_check_passes_the_codec()
    {
        Value[] largest =
        [
            WithMetadata(1, new string('é', 4094)),
            new Value { ContentType = new string('€', 255), ContentEncoding = new string('€', 255), Body = new byte[1] },
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
        static Value Make() => new()
        {
            Body = new byte[] { 1, 2 },
            ContentType = "a/b",
            ContentEncoding = "gzip",
            Metadata = Value.NoMetadata.Add("k", "v"),
        };
        var random = new Prng(61);
        Assert.Equal(Make(), Make());
        Assert.Equal(Make().GetHashCode(), Make().GetHashCode());
        Value[] others =
        [
            new() { Body = new byte[] { 1, 3 }, ContentType = "a/b", ContentEncoding = "gzip", Metadata = Make().Metadata },
            new() { Body = Make().Body, ContentType = "a/c", ContentEncoding = "gzip", Metadata = Make().Metadata },
            new() { Body = Make().Body, ContentType = "a/b", ContentEncoding = "", Metadata = Make().Metadata },
            new() { Body = Make().Body, ContentType = "a/b", ContentEncoding = "gzip" },
            new() { Body = Make().Body, ContentType = "a/b", ContentEncoding = "gzip", Metadata = Value.NoMetadata.Add("k", "w") },
            Any.Value(random),
        ];
        Assert.All(others, static other => Assert.NotEqual(Make(), other));
        Assert.False(Make().Equals(null));
    }

    private static Value WithMetadata(int entries, string text)
    {
        var metadata = Value.NoMetadata;
        for (var i = 0; i < entries; i++) metadata = metadata.Add($"m{i:D2}", text);
        return new Value { Metadata = metadata };
    }
}
