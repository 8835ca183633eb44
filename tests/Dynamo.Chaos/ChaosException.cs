namespace Dynamo.Chaos;

/// <summary>Why a run cannot go on, in one sentence for who started it.</summary>
internal sealed class ChaosException(string sentence) : Exception(sentence);
