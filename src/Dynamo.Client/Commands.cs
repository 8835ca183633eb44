using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>
/// What can be told to <see cref="DynamoClient.Actor"/>, which answers the sender with one <see cref="DynamoReply"/>.
/// </summary>
/// <remarks>For those who would rather <c>Tell</c>. Nothing here ever leaves the actor system; resolvers are the
/// sender's own business.</remarks>
/// <param name="Key">The key.</param>
public abstract record DynamoCommand(Key Key) : INoSerializationVerificationNeeded
{
    /// <summary>Anything by which the sender knows the answer again; it comes back inside the reply.</summary>
    public object? Tag { get; init; }

    internal abstract ClientRequest ToRequest();
}

/// <summary>Reads a key: answered with Found, NotFound or a failure.</summary>
/// <param name="Key">The key.</param>
public sealed record Get(Key Key) : DynamoCommand(Key)
{
    /// <summary>Reads a key given as text.</summary>
    public Get(string bucket, string key)
        : this(Key.Of(bucket, key))
    {
    }

    /// <summary>Overrides of the bucket's properties.</summary>
    public GetOptions Options { get; init; } = GetOptions.None;

    /// <summary>
    /// Whether the client coordinates it without a node in between; <see cref="DynamoClientOptions.CoordinateGets"/> when null.
    /// </summary>
    public bool? Coordinate { get; init; }

    internal override ClientRequest ToRequest() => new GetRequest(Key, Options);
}

/// <summary>Writes a value: answered with Stored or a failure.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record Put(Key Key, Value Value) : DynamoCommand(Key)
{
    /// <summary>Writes bytes under a key given as text.</summary>
    public Put(string bucket, string key, ReadOnlyMemory<byte> body)
        : this(Key.Of(bucket, key), new Value { Body = body })
    {
    }

    /// <summary>The context that a get of this key returned; empty makes it a concurrent write.</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>Overrides of the bucket's properties.</summary>
    public PutOptions Options { get; init; } = PutOptions.None;

    internal override ClientRequest ToRequest() => new PutRequest(Key, Context, Value, Options);
}

/// <summary>Deletes a key: answered with Stored, NotFound (there was nothing) or a failure.</summary>
/// <param name="Key">The key.</param>
public sealed record Delete(Key Key) : DynamoCommand(Key)
{
    /// <summary>Deletes a key given as text.</summary>
    public Delete(string bucket, string key)
        : this(Key.Of(bucket, key))
    {
    }

    /// <summary>The context that a get of this key returned; empty covers what the node reads at that moment.</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>Overrides for the write.</summary>
    public PutOptions Options { get; init; } = PutOptions.None;

    internal override ClientRequest ToRequest() => new DeleteRequest(Key, Context, Options, GetOptions.None);
}

/// <summary>Adds to a counter: answered with Stored or a failure.</summary>
/// <remarks>
/// It is never sent to a second node after the first stayed silent, since it might count twice. A counter is read with
/// <see cref="Get"/>, and <see cref="Counter.ValueOf"/> of the siblings found; with ReturnBody the answer shows them, too.
/// </remarks>
/// <param name="Key">The key.</param>
/// <param name="Delta">What to add; negative takes away.</param>
public sealed record Increment(Key Key, long Delta = 1) : DynamoCommand(Key)
{
    /// <summary>Adds to a counter whose key is given as text.</summary>
    public Increment(string bucket, string key, long delta = 1)
        : this(Key.Of(bucket, key), delta)
    {
    }

    /// <summary>Overrides of the bucket's properties.</summary>
    public PutOptions Options { get; init; } = PutOptions.None;

    internal override ClientRequest ToRequest() => new IncrementRequest(Key, Delta, Options);
}

/// <summary>How a command ended.</summary>
/// <param name="Command">The command, the same object that was told.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record DynamoReply(DynamoCommand Command, Outcome Outcome) : INoSerializationVerificationNeeded;
