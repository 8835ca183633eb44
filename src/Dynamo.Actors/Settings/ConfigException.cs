namespace Dynamo.Actors;

/// <summary>
/// A configuration cannot be used; the message is everything that is wrong with it, one sentence a line.
/// </summary>
/// <param name="errors">One sentence each; 1 or more.</param>
public sealed class ConfigException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    /// <summary>Everything that is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
