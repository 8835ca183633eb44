using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Dynamo.Http;

/// <summary>A connection's input that tells of its end only after all its bytes have been looked at.</summary>
/// <remarks>
/// Bytes and the FIN after them often come in one read, and Kestrel then takes a body that is whole for one cut
/// short. Here a read that brings bytes is never the last; the next one, which brings nothing new, is.
/// </remarks>
internal sealed class PatientInput(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _shown;
    private long _looked;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Show(read.Result)) : Await(read);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        result = Show(result);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _looked = _shown.Slice(consumed, examined).Length;
        _shown = default;
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> Await(ValueTask<ReadResult> read) => Show(await read);

    // A pipe shows bytes again that were looked at and not consumed.
    private ReadResult Show(ReadResult read)
    {
        _shown = read.Buffer;
        var bringsBytes = read.IsCompleted && read.Buffer.Length > _looked;
        return bringsBytes ? new ReadResult(read.Buffer, read.IsCanceled, isCompleted: false) : read;
    }
}

/// <summary>Two halves of a connection.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
