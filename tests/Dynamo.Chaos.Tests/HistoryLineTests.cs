using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Tests;

/// <summary>What one process writes another one reads.</summary>
public class HistoryLineTests
{
    [Fact]
    public void A_line_is_read_as_it_was_written()
    {
        var line = new HistoryLine
        {
            Id = 12, Client = "client1", Node = 3, Kind = LoadKind.Delete, Key = "k7", Began = 5, Ended = 9, Succeeded = false,
            Nothing = true, AtTheEnd = true, Error = "503 \"no\"", Given = [1, 2], Context = "AQI=", Shown = [3],
        };
        var read = HistoryLine.Parse(line.ToJson())!;
        Assert.Equal(line.ToJson(), read.ToJson());
        Assert.Equal(line with { Given = null, Shown = null }, read with { Given = null, Shown = null });
        Assert.Equal([1L, 2], read.Given!);
        Assert.DoesNotContain('\n', line.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[ERROR] something")]
    [InlineData("{\"id\":1")]
    public void What_is_no_line_is_none(string text) => Assert.Null(HistoryLine.Parse(text));
}
