using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Dynamo.Node.Tests.LongestFirst", "Dynamo.Node.Tests")]

namespace Dynamo.Node.Tests;

/// <summary>Begins with the classes that take longest, so that none of them is left over to run alone in the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [nameof(GrowAndShrinkTests), nameof(KillTests), nameof(TransferKillTests), nameof(TlsTests), nameof(StrangerTests)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection =>
        {
            // A class without a collection of its own is one, by a name that ends with the class's.
            var place = Array.FindIndex(Long, name => collection.DisplayName.EndsWith($".{name}", StringComparison.Ordinal));
            return place < 0 ? Long.Length : place;
        });
}
