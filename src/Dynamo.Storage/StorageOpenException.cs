namespace Dynamo.Storage;

/// <summary>A store cannot be opened; the message is one sentence that names the path and the reason.</summary>
public sealed class StorageOpenException(string sentence, Exception? cause = null) : Exception(sentence, cause);
