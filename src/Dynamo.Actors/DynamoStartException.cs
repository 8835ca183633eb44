namespace Dynamo.Actors;

/// <summary>A node cannot start; the message is one sentence for its operator.</summary>
/// <param name="sentence">Why.</param>
public sealed class DynamoStartException(string sentence) : Exception(sentence);

/// <summary>A port cannot be listened on; the message is one sentence that names it.</summary>
/// <param name="sentence">Why.</param>
public sealed class PortException(string sentence) : Exception(sentence);
