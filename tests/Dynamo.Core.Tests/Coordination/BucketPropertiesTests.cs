namespace Dynamo.Core.Tests;

public class BucketPropertiesTests
{
    private const string Words = ", the bucket's n_val, or one of quorum, all, one, default.";

    [Fact]
    public void The_standard_properties_are_those_of_the_specification()
    {
        var standard = BucketProperties.Standard;
        Assert.Equal("", standard.Check());
        Assert.Equal(3, standard.NVal);
        Assert.Equal((2, 2, 2), (standard.R.Resolve(3), standard.W.Resolve(3), standard.DW.Resolve(3)));
        Assert.Equal((0, 0), (standard.PR.Resolve(3), standard.PW.Resolve(3)));
        Assert.True(standard is { NotFoundOk: true, BasicQuorum: false, AllowMult: true, LastWriteWins: false });
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(16, "")]
    [InlineData(0, "n_val is 0; it must be 1 to 16.")]
    [InlineData(17, "n_val is 17; it must be 1 to 16.")]
    [InlineData(-3, "n_val is -3; it must be 1 to 16.")]
    public void N(int n, string sentence) => Assert.Equal(sentence, new BucketProperties { NVal = n }.Check());

    [Theory]
    [InlineData("r", "1", "")]
    [InlineData("r", "3", "")]
    [InlineData("r", "all", "")]
    [InlineData("r", "default", "")]
    [InlineData("r", "0", "r is 0; it must be 1 to 3" + Words)]
    [InlineData("r", "4", "r is 4; it must be 1 to 3" + Words)]
    [InlineData("w", "0", "w is 0; it must be 1 to 3" + Words)]
    [InlineData("w", "4", "w is 4; it must be 1 to 3" + Words)]
    [InlineData("pr", "0", "")]
    [InlineData("pr", "quorum", "")]
    [InlineData("pr", "4", "pr is 4; it must be 0 to 3" + Words)]
    [InlineData("pw", "0", "")]
    [InlineData("pw", "4", "pw is 4; it must be 0 to 3" + Words)]
    [InlineData("dw", "0", "")]
    [InlineData("dw", "255", "dw is 255; it must be 0 to 3" + Words)]
    public void Quorums_of_a_bucket_with_three_replicas(string name, string text, string sentence)
    {
        Assert.True(QuorumSize.TryParse(text, out var size));
        var properties = name switch
        {
            "r" => new BucketProperties { R = size },
            "w" => new BucketProperties { W = size },
            "pr" => new BucketProperties { PR = size },
            "pw" => new BucketProperties { PW = size },
            _ => new BucketProperties { DW = size },
        };
        Assert.Equal(sentence, properties.Check());
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    public void Time_decides_with_last_write_wins_or_without_siblings(
        bool allowMult, bool lastWriteWins, bool expected) =>
        Assert.Equal(
            expected, new BucketProperties { AllowMult = allowMult, LastWriteWins = lastWriteWins }.IsLastWriteWins);
}
