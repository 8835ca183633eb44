using System.Text;
using Dynamo.Core;
using ShoppingCart;

namespace Dynamo.Client.Tests;

/// <summary>The sample: its carts' union, and its story told on a real cluster.</summary>
public sealed class ShoppingCartTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private static readonly Cart MilkAndBread = Cart.Empty.Add("milk").Add("bread");
    private static readonly Cart MilkAndHoney = Cart.Empty.Add("milk").Add("milk").Add("honey");

    [Fact]
    public void Nothing_that_anybody_added_is_lost()
    {
        var union = MilkAndBread.Union(MilkAndHoney);
        Assert.Equal("bread, honey, 2 x milk", union.ToString());
    }

    [Fact]
    public void The_order_of_merging_does_not_matter_and_merging_twice_changes_nothing()
    {
        Assert.Equal(Text(MilkAndBread.Union(MilkAndHoney)), Text(MilkAndHoney.Union(MilkAndBread)));
        Assert.Equal(Text(MilkAndBread), Text(MilkAndBread.Union(MilkAndBread)));
        var eggs = Cart.Empty.Add("eggs");
        Assert.Equal(
            Text(MilkAndBread.Union(MilkAndHoney).Union(eggs)), Text(MilkAndBread.Union(MilkAndHoney.Union(eggs))));
    }

    [Fact]
    public void Removed_items_resurface_when_the_other_side_still_has_them() =>
        Assert.Contains("milk", MilkAndBread.Remove("milk").Union(MilkAndHoney).Items.Keys);

    [Fact]
    public void A_cart_survives_being_stored()
    {
        Assert.Equal(Text(MilkAndHoney), Text(Cart.Of(MilkAndHoney.ToValue())));
        Assert.Empty(Cart.Of(null).Items);
        Assert.Empty(Cart.Of(new Value { Body = "no cart\n-1 milk\n 3"u8.ToArray() }).Items);
    }

    [Fact]
    public async Task The_story_ends_with_every_item_in_the_cart()
    {
        await using var client = DynamoClient.Start(nodes.Outside(), new DynamoClientOptions
        {
            Contacts = [nodes.Contact(1)],
            Resolvers = new Dictionary<string, Resolver> { [Story.Bucket] = Cart.Merge },
        });
        using var output = new StringWriter();
        var end = await new Story(client, "story", output).Tell();
        Assert.Equal("bread, eggs, honey, milk", end.ToString());
        Assert.Contains("2 siblings", output.ToString());
    }

    private static string Text(Cart cart) => Encoding.UTF8.GetString(cart.ToValue().Body.Span);
}
