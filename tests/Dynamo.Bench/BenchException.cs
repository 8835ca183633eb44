namespace Dynamo.Bench;

/// <summary>Something that a measurement needs is not there, or has ended; the message is one sentence for who watches.</summary>
internal sealed class BenchException(string sentence) : Exception(sentence);
