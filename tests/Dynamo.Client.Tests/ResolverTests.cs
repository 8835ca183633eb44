using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>Merge functions that an application registers for its buckets.</summary>
public sealed class ResolverTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private DynamoClient Client() => DynamoClient.Start(nodes.Outside(), new DynamoClientOptions
    {
        Contacts = [nodes.Contact(1)],
        Resolvers = new Dictionary<string, Resolver> { ["joined"] = Join },
    });

    [Fact]
    public async Task A_get_returns_one_merged_value_with_a_context_for_all_siblings()
    {
        await using var client = Client();
        await client.Put("joined", "merge", "milk"u8.ToArray());
        await client.Put("joined", "merge", "bread"u8.ToArray());
        var read = await client.Get("joined", "merge");
        Assert.Equal("bread+milk", read.Text);
        Assert.Equal(2, read.Siblings.Length);
        Assert.Null(read.WrittenBack);
        Assert.Equal(2, (await client.Get("joined", "merge")).Siblings.Length);

        await client.Put(read.Key, read.Merged!, read.Context);
        var healed = await client.Get("joined", "merge");
        Assert.Equal("bread+milk", ClientTests.Text(Assert.Single(healed.Siblings)));
    }

    [Fact]
    public async Task Asked_to_it_writes_the_merged_value_back_and_gives_the_context_of_that()
    {
        await using var client = Client();
        await client.Put("joined", "back", "milk"u8.ToArray());
        await client.Put("joined", "back", "bread"u8.ToArray());
        var read = await client.Get("joined", "back", writeBack: true);
        Assert.IsType<Stored>(read.WrittenBack);
        Assert.Single((await client.Get("joined", "back")).Siblings);
        await client.Put("joined", "back", "eggs"u8.ToArray(), read.Context);
        Assert.Equal("eggs", (await client.Get("joined", "back")).Text);
    }

    [Fact]
    public async Task One_value_or_another_bucket_is_left_as_it_is()
    {
        await using var client = Client();
        await client.Put("joined", "one", "milk"u8.ToArray());
        var one = await client.Get("joined", "one", writeBack: true);
        Assert.Equal(("milk", null, null), (one.Text, one.Merged, one.WrittenBack));
        await client.Put("other", "two", "milk"u8.ToArray());
        await client.Put("other", "two", "bread"u8.ToArray());
        var two = await client.Get("other", "two", writeBack: true);
        Assert.Equal((2, null, null), (two.Siblings.Length, two.Merged, two.WrittenBack));
    }

    private static Value Join(Key key, ImmutableArray<Sibling> siblings) => new()
    {
        Body = Encoding.UTF8.GetBytes(
            string.Join('+', siblings.Select(ClientTests.Text).Order(StringComparer.Ordinal))),
    };
}
