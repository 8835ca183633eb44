namespace Dynamo.Core.Tests.Failure;

public class EchoTests
{
    private readonly Echo _echo = new(TimeSpan.FromSeconds(6));

    [Theory]
    [InlineData("++++++++", "")]
    [InlineData("---", "")]
    [InlineData("----", "3")]
    [InlineData("--+---", "")]
    [InlineData("--+----", "6")]
    [InlineData("-------+----", "3 6 11")]
    public void A_link_is_given_up_when_the_peer_says_for_six_seconds_that_it_hears_nothing(string says, string givenUp)
    {
        var at = new List<int>();
        for (var i = 0; i < says.Length; i++)
            if (_echo.OnGreeting(says[i] == '+', new Instant(2_000_000L * i))) at.Add(i);
        Assert.Equal(givenUp, string.Join(' ', at));
    }
}
