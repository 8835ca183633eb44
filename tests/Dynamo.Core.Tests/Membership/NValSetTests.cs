using System.Collections.Immutable;

namespace Dynamo.Core.Tests.Membership;

public class NValSetTests
{
    [Fact]
    public void It_names_the_standard_n_val_and_those_of_buckets()
    {
        var properties = ImmutableSortedDictionary<string, PropertyEntry>.Empty
            .Add("wide", new PropertyEntry(1, new NodeId("n01"), new BucketProperties { NVal = 16 }))
            .Add("reset", new PropertyEntry(2, new NodeId("n01"), null));

        var set = NValSet.Of(properties);

        Assert.Equal([3, 16], set.Values);
        Assert.Equal(16, set.Max);
        Assert.True(set.Covers(NValSet.Of(3)) && !NValSet.Of(3).Covers(set));
        Assert.Equal(set, NValSet.Of(16) | NValSet.Of(3));
    }

    [Fact]
    public void A_number_beyond_the_highest_n_val_fails_the_reader()
    {
        var writer = new WireWriter();
        writer.Number(1u << BucketProperties.MaxNVal);
        var reader = new WireReader(writer.ToArray());

        NValSet.Read(ref reader);

        Assert.True(reader.Failed);
    }
}
