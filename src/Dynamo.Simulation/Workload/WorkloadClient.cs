using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One client: what it is called, and the last context it was given for each key.</summary>
internal sealed class WorkloadClient(string name)
{
    private readonly Dictionary<Key, ReadOnlyMemory<byte>> _contexts = [];

    public string Name { get; } = name;

    /// <summary>The context of the last answer about a key, of a get or of an own put; empty when there was none.</summary>
    public ReadOnlyMemory<byte> ContextOf(Key key) => _contexts.GetValueOrDefault(key);

    /// <summary>Keeps what an answer brought.</summary>
    public void Learned(Operation operation)
    {
        var token = TokenOf(operation.Outcome);
        if (!token.IsEmpty) _contexts[operation.Key] = token;
    }

    /// <summary>The context of an answer; empty for none.</summary>
    public static ReadOnlyMemory<byte> TokenOf(Outcome? outcome) => outcome switch
    {
        Found found => found.Context,
        Stored stored => stored.Context,
        NotFound missing => missing.Context,
        _ => default,
    };
}
