using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace ShoppingCart;

/// <summary>
/// A shopping cart: items and how many of each. As a value it is text, one <c>count item</c> a line, sorted by item.
/// </summary>
/// <remarks>
/// Siblings are merged by union: every item of any of them stays, with the largest count. So "add to cart" is never
/// lost, whoever else was shopping at the time. The price stands in the paper: "deleted items can resurface" [S4.4],
/// for a cart in which an item was removed and one in which it never was look the same to a union.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4.
/// </remarks>
internal sealed class Cart
{
    /// <summary>A cart with nothing in it.</summary>
    public static readonly Cart Empty = new(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    private Cart(ImmutableSortedDictionary<string, int> items) => Items = items;

    /// <summary>Item to count; every count is 1 or more.</summary>
    public ImmutableSortedDictionary<string, int> Items { get; }

    /// <summary>The cart with one more of an item.</summary>
    public Cart Add(string item) => new(Items.SetItem(item, Items.GetValueOrDefault(item) + 1));

    /// <summary>The cart without an item.</summary>
    public Cart Remove(string item) => new(Items.Remove(item));

    /// <summary>Everything that is in either cart.</summary>
    public Cart Union(Cart other) => new(Items.SetItems(other.Items.Select(
        item => KeyValuePair.Create(item.Key, Math.Max(item.Value, Items.GetValueOrDefault(item.Key))))));

    /// <summary>The merge function for a bucket of carts, a <see cref="Dynamo.Client.Resolver"/>.</summary>
    public static Value Merge(Key key, ImmutableArray<Sibling> siblings) =>
        siblings.Aggregate(Empty, static (cart, sibling) => cart.Union(Of(sibling.Value))).ToValue();

    /// <summary>Reads a cart; lines that are none are skipped, and no value is an empty cart.</summary>
    public static Cart Of(Value? value)
    {
        var items = Empty.Items.ToBuilder();
        var text = value is null ? "" : Encoding.UTF8.GetString(value.Body.Span);
        foreach (var line in text.Split('\n'))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && int.TryParse(line[..space], out var count) && count > 0)
                items[line[(space + 1)..]] = count;
        }

        return new Cart(items.ToImmutable());
    }

    /// <summary>The cart as it is stored.</summary>
    public Value ToValue() => new()
    {
        Body = Encoding.UTF8.GetBytes(string.Join('\n', Items.Select(static item => $"{item.Value} {item.Key}"))),
        ContentType = "text/plain; charset=utf-8",
    };

    /// <inheritdoc/>
    public override string ToString() =>
        Items.IsEmpty ? "nothing" : string.Join(", ", Items.Select(Describe));

    private static string Describe(KeyValuePair<string, int> item) =>
        item.Value == 1 ? item.Key : $"{item.Value} x {item.Key}";
}
