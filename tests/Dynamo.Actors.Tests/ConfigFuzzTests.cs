using System.Text;
using Dynamo.Actors.Fuzz;
using Dynamo.Fuzz;

namespace Dynamo.Actors.Tests;

/// <summary>Configurations that nobody would write are read or refused with sentences; Dynamo.Actors.Fuzz runs more of them.</summary>
public sealed class ConfigFuzzTests
{
    [Theory]
    [InlineData("hocon", 20_000)]
    [InlineData("settings", 1_000)]
    public void Nothing_in_a_configuration_is_an_unhandled_fault(string name, int count)
    {
        var run = new FuzzRun(name == "hocon" ? new HoconTarget() : new SettingsTarget(), 7);
        run.Run(count);
        Assert.Equal("", run.Failure);
        Assert.Equal(count, run.Seen.Values.Sum());
        Assert.True(run.Seen.Keys.Any(static k => k.EndsWith(": read", StringComparison.Ordinal)) && run.Seen.Keys.Any(static k => k.EndsWith(": refused", StringComparison.Ordinal)));
    }

    // What the fuzzer found: the first five are waited for without end by Akka's parser, the others overflow the stack when they are read.
    [Theory]
    [InlineData("a = [=]", "= cannot stand in a list")]
    [InlineData("a = [b:c]", ": cannot stand in a list")]
    [InlineData("a = [{ x = 1 }, *]", "* cannot stand in a list")]
    [InlineData("a = [$x]", "$ cannot stand in a list")]
    [InlineData("a = [\\]", "cannot stand in a list")]
    [InlineData("a = ${a}", "leads back to itself")]
    [InlineData("a = ${b}\nb = [1, { c = ${a} }]", "leads back to itself")]
    public void What_would_never_end_is_refused_in_a_sentence(string text, string says)
    {
        var errors = new List<string>();
        var hocon = HoconText.OfText(text, "x.conf", errors);
        if (errors.Count == 0) Assert.Null(HoconText.Parse(hocon, errors));
        Assert.Contains(says, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Brackets_a_hundred_deep_are_enough()
    {
        var target = new HoconTarget();
        Assert.Equal("read", target.Try(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a {", 100)) + new string('}', 100))));
        foreach (var bracket in (string[])["a {", "["])
            Assert.Equal("refused", target.Try(Encoding.UTF8.GetBytes("a = " + string.Concat(Enumerable.Repeat(bracket, 100_000)))));
    }
}
