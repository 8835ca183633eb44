namespace Dynamo.Core;

/// <summary>A store could not be read, where the answer has no status to say so: an empty or short one would be a lie.</summary>
/// <remarks>
/// A scan that ends early reads as the end of a partition, and a hint that seems missing would be overwritten. The shell
/// lets the step fail and tries again later; nothing was changed.
/// </remarks>
/// <param name="sentence">Why, one sentence.</param>
/// <param name="cause">What the engine met.</param>
public sealed class StoreFailedException(string sentence, Exception? cause = null) : Exception(sentence, cause);
