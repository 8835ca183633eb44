using Dynamo.Client;
using Dynamo.Core;

namespace ShoppingCart;

/// <summary>The story of a cart with two shoppers, told by doing it on a running cluster.</summary>
/// <param name="client">
/// The cluster; its bucket <see cref="Bucket"/> has <see cref="Cart.Merge"/> for a resolver.
/// </param>
/// <param name="key">The cart's key; a new one each time, so that the story begins with an empty cart.</param>
/// <param name="output">Where the story is told.</param>
internal sealed class Story(DynamoClient client, string key, TextWriter output)
{
    /// <summary>The bucket of carts.</summary>
    public const string Bucket = "carts";

    // Ann and Bob write at the same time, and each tells of it.
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>Tells it; the cart as it is at the end.</summary>
    /// <exception cref="StoryException">A request failed; one sentence says how.</exception>
    public async Task<Cart> Tell()
    {
        _output.WriteLine($"A cart in the bucket {Bucket} under the key {key}.");
        _output.WriteLine();

        var first = Cart.Empty.Add("milk");
        await Put("Ann puts milk into the empty cart", first, (await Get()).Context);

        var read = await Get();
        _output.WriteLine($"  Ann and Bob, in two shops, both read: {Cart.Of(read.Value)}. They hold the same context.");
        _output.WriteLine();

        var anns = Cart.Of(read.Value).Add("bread");
        var bobs = Cart.Of(read.Value).Add("honey");
        await Task.WhenAll(
            Put("Ann adds bread", anns, read.Context),
            Put("Bob adds honey, from the same old context", bobs, read.Context));

        var conflict = await Get();
        _output.WriteLine($"  Neither saw the other, so neither wins: a get shows {conflict.Siblings.Length} siblings.");
        foreach (var sibling in conflict.Siblings)
            _output.WriteLine($"    - {Cart.Of(sibling.Value)}   (written as {sibling.Dot})");
        _output.WriteLine($"  The resolver of the bucket makes their union: {Cart.Of(conflict.Value)}.");
        _output.WriteLine("  Written back with the context of that get, it replaces both siblings and nothing else:");
        var merged = Checked(await client.Get(Bucket, key, writeBack: true));
        var healed = await Get();
        _output.WriteLine($"    {healed.Siblings.Length} version: {Cart.Of(healed.Value)}.");
        _output.WriteLine();

        _output.WriteLine("  Now an item is removed while the other shopper is still at it.");
        var old = merged;
        await Put("Ann removes the milk", Cart.Of(old.Value).Remove("milk"), old.Context);
        await Put("Bob adds eggs, from the context before that", Cart.Of(old.Value).Add("eggs"), old.Context);
        var again = await Get();
        foreach (var sibling in again.Siblings) _output.WriteLine($"    - {Cart.Of(sibling.Value)}");
        var end = Cart.Of(again.Value);
        _output.WriteLine($"  Their union: {end}.");
        _output.WriteLine(end.Items.ContainsKey("milk") ? "  The milk is back. " + Why : "  The milk stayed away.");
        return end;
    }

    private const string Why =
        "A union keeps what is in either cart, and a cart without milk does not say whether milk was\n"
        + "  removed or never there. The paper accepts it: an \"add to cart\" is never lost, but \"deleted items\n"
        + "  can resurface\" [S4.4].\n"
        + "  Whoever cannot live with that stores removals as well (a tombstone per item), and merges those.";

    private async Task<ReadAnswer> Get() => Checked(await client.Get(Bucket, key));

    private static ReadAnswer Checked(ReadAnswer answer) => answer switch
    {
        { IsSuccess: false } => throw new StoryException(answer.Outcome.Sentence),
        { WrittenBack: { IsSuccess: false } back } => throw new StoryException(back.Sentence),
        _ => answer,
    };

    private async Task Put(string what, Cart cart, ReadOnlyMemory<byte> context)
    {
        var answer = await client.Put(Key.Of(Bucket, key), cart.ToValue(), context);
        if (!answer.IsSuccess) throw new StoryException(answer.Outcome.Sentence);
        _output.WriteLine($"  {what}: {cart}.");
    }
}

/// <summary>The cluster did not do what the story needs.</summary>
internal sealed class StoryException(string message) : Exception(message);
