using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors;

/// <summary>
/// Who this process is under its node's name: the identity of its data folder and the number of its start.
/// </summary>
/// <param name="Identity">Drawn when the folder was new; the same for every process over it.</param>
/// <param name="Incarnation">Higher with each start over the same folder.</param>
internal sealed record NodeIdentity(ulong Identity, ulong Incarnation)
{
    private const string Cell = "identity";

    /// <summary>Reads the identity out of the store, or draws one, and makes the new incarnation durable.</summary>
    /// <exception cref="StoreFailedException">The store refuses the write.</exception>
    public static async Task<NodeIdentity> Take(IStorageEngine store, Instant now)
    {
        var reader = new WireReader(store.Cell(Cell) is { } cell ? cell.Span : default);
        var identity = reader.Fixed64();
        var last = reader.Fixed64();
        if (reader.Failed) (identity, last) = (NodeWiring.Entropy(), 0);
        // The clock alone would do but for clocks that are set back; the counter alone would do but for lost folders.
        var taken = new NodeIdentity(identity, Math.Max((ulong)now.Microseconds, last + 1));
        var writer = new WireWriter();
        writer.Fixed64(taken.Identity);
        writer.Fixed64(taken.Incarnation);
        var written = new TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Enqueue([new StoreChange.PutCell(Cell, writer.ToArray())], written.SetResult);
        var result = await written.Task;
        return result.Ok ? taken : throw new StoreFailedException(result.Error!);
    }
}
