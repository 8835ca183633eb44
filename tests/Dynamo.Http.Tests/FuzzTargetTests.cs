using Dynamo.Core;
using Dynamo.Fuzz;
using Xunit.Abstractions;

namespace Dynamo.Http.Tests;

/// <summary>The targets of Dynamo.Fuzz, each with few inputs; the program runs millions. And that it would notice.</summary>
public sealed class FuzzTargetTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Targets.All().Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_target_survives_what_it_is_fed(string name)
    {
        var run = new FuzzRun(Targets.All().Single(t => t.Name == name), 7);
        run.Run(20_000);
        foreach (var (seen, times) in run.Seen) output.WriteLine($"{times} {seen}");
        Assert.Equal("", run.Failure);
        Assert.Equal(20_000, run.Seen.Values.Sum());
    }

    [Theory]
    [InlineData("throws", "IndexOutOfRangeException")]
    [InlineData("hoards", "made it allocate")]
    [InlineData("is tame", "no input was of the class refused")]
    public void A_target_that_does_not_is_told_of_with_its_input(string how, string says)
    {
        var run = new FuzzRun(new Planted(how), 7);
        run.Run(20_000);
        Assert.Contains(says, run.Failure, StringComparison.Ordinal);
        if (how == "is tame") return;
        Assert.Matches("--target planted --input 2A[0-9A-F]*$", run.Failure);
        var input = Convert.FromHexString(run.Failure[(run.Failure.LastIndexOf(' ') + 1)..]);
        Assert.Contains(says, new FuzzRun(new Planted(how), 0).Replay(input), StringComparison.Ordinal);
    }

    // A decoder with a bug for the inputs that begin with 42.
    private sealed class Planted(string how) : FuzzTarget
    {
        public override string Name => "planted";

        public override IReadOnlyList<string> Expected => ["refused"];

        public override long? MostAllocated(int inputBytes) => 10_000;

        public override byte[] Make(Prng random, out string kind)
        {
            kind = "random";
            return Noise(random);
        }

        public override string Try(ReadOnlyMemory<byte> input)
        {
            if (input.IsEmpty || input.Span[0] != 42) return "read";
            if (how == "hoards") GC.KeepAlive(new byte[20_000]);
            var none = Array.Empty<byte>();
            return how == "throws" ? $"{none[input.Length]}" : "read";
        }
    }
}
