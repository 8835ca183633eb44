namespace Dynamo.Core;

/// <summary>How two histories relate.</summary>
public enum CausalOrder
{
    /// <summary>Both cover the same dots.</summary>
    Equal,

    /// <summary>The first is covered by the second, which knows more.</summary>
    Before,

    /// <summary>The first covers the second and knows more.</summary>
    After,

    /// <summary>Each knows something that the other does not.</summary>
    Concurrent,
}
