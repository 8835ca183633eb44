namespace Dynamo.Core;

/// <summary>One bucket's properties as the cluster agrees on them: the entry with the highest stamp wins.</summary>
/// <param name="Lamport">A Lamport time, above every entry its writer had seen.</param>
/// <param name="Author">The node where it was set; decides between equal times.</param>
/// <param name="Properties">The properties; null when the bucket was reset to the standard ones.</param>
public sealed record PropertyEntry(ulong Lamport, NodeId Author, BucketProperties? Properties) : IComparable<PropertyEntry>
{
    /// <inheritdoc/>
    public int CompareTo(PropertyEntry? other)
    {
        if (other is null) return 1;
        var byTime = Lamport.CompareTo(other.Lamport);
        return byTime != 0 ? byTime : Author.CompareTo(other.Author);
    }
}
