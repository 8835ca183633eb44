namespace Dynamo.Core;

/// <summary>Puts together again what travelled in chunks, for many senders at once, within bounds.</summary>
/// <remarks>
/// <code>
///   chunk:  transfer (number)  total (count)  offset (count)  bytes (the rest)
/// </code>
/// A sender sends the chunks of one transfer in order and begins the next when it is through, so each sender has
/// one transfer under way: a gap means that a chunk was lost, and the transfer is forgotten, as any message may be.
/// What is kept is in proportion to what came in, never to what was announced. Single-threaded.
/// </remarks>
/// <typeparam name="TSender">What tells senders apart.</typeparam>
/// <param name="maxBytes">The most bytes of one transfer.</param>
/// <param name="maxTotalBytes">The most bytes kept for all senders together.</param>
/// <param name="patience">How long a transfer may wait for its next chunk.</param>
public sealed class ChunkAssembler<TSender>(int maxBytes, long maxTotalBytes, TimeSpan patience)
    where TSender : notnull
{
    private readonly Dictionary<TSender, Transfer> _transfers = [];

    /// <summary>Bytes kept for transfers that are not complete.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a chunk.</summary>
    /// <param name="sender">Who sent it.</param>
    /// <param name="chunk">What <see cref="Chunks.Split"/> made.</param>
    /// <param name="now">The time.</param>
    /// <param name="whole">The whole, when this was its last chunk; else null.</param>
    /// <param name="error">
    /// Why the chunk was refused and its transfer forgotten, one sentence; "" when it was not.
    /// </param>
    public void Add(TSender sender, ReadOnlySpan<byte> chunk, Instant now, out byte[]? whole, out string error)
    {
        Expire(now);
        whole = null;
        var reader = new WireReader(chunk);
        var number = reader.Number();
        var total = reader.Count(maxBytes);
        var offset = reader.Count(maxBytes);
        var bytes = reader.Raw(reader.Remaining);
        error = reader.Error ?? "";
        if (error.Length > 0)
        {
            Forget(sender);
            return;
        }

        // A first chunk ends whatever its sender had begun before.
        if (offset == 0) Forget(sender);
        var transfer = _transfers.GetValueOrDefault(sender) ?? new Transfer(number, total);
        if (transfer.Number != number || transfer.Total != total || transfer.Received != offset)
            error = "A chunk is missing before this one.";
        else if (bytes.IsEmpty || offset + bytes.Length > total)
            error = "A chunk does not fit into its transfer.";
        else if (Bytes + bytes.Length > maxTotalBytes)
            error = $"More than {maxTotalBytes} bytes of unfinished transfers are waiting.";
        if (error.Length > 0)
        {
            Forget(sender);
            return;
        }

        transfer.Parts.Add(bytes.ToArray());
        transfer.Received += bytes.Length;
        transfer.Until = now + patience;
        _transfers[sender] = transfer;
        Bytes += bytes.Length;
        if (transfer.Received < total) return;
        whole = transfer.Whole();
        Forget(sender);
    }

    /// <summary>Forgets transfers that have waited too long for their next chunk.</summary>
    public void Expire(Instant now)
    {
        if (_transfers.Count == 0) return;
        foreach (var sender in _transfers.Where(t => t.Value.Until <= now).Select(static t => t.Key).ToList())
            Forget(sender);
    }

    private void Forget(TSender sender)
    {
        if (_transfers.Remove(sender, out var transfer)) Bytes -= transfer.Received;
    }

    private sealed class Transfer(ulong number, int total)
    {
        public ulong Number { get; } = number;
        public int Total { get; } = total;
        public int Received { get; set; }
        public Instant Until { get; set; }
        public List<byte[]> Parts { get; } = [];

        public byte[] Whole()
        {
            var whole = new byte[Total];
            var at = 0;
            foreach (var part in Parts)
            {
                part.CopyTo(whole, at);
                at += part.Length;
            }

            return whole;
        }
    }
}

/// <summary>
/// Cuts what is too large for one frame into chunks; <see cref="ChunkAssembler{TSender}"/> puts it together again.
/// </summary>
public static class Chunks
{
    /// <summary>
    /// The most bytes of a chunk with its head: 64 KiB, so that heartbeats on the same connection pass between two.
    /// </summary>
    public const int MaxBytes = 64 * 1024;

    // Three numbers of at most ten bytes each.
    private const int HeadBytes = 30;

    /// <summary>The chunks of <paramref name="whole"/>, to be sent in order; none when it is empty.</summary>
    /// <param name="transfer">The sender's number for it, another one each time.</param>
    /// <param name="whole">The bytes; not changed until the last chunk is taken.</param>
    /// <param name="room">How many bytes whoever carries the chunk adds to it, 0..32 KiB.</param>
    public static IEnumerable<byte[]> Split(ulong transfer, ReadOnlyMemory<byte> whole, int room)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(room, MaxBytes / 2);
        var step = MaxBytes - HeadBytes - room;
        for (var offset = 0; offset < whole.Length; offset += step)
        {
            var part = whole.Slice(offset, Math.Min(step, whole.Length - offset));
            var writer = new WireWriter(part.Length + HeadBytes);
            writer.Number(transfer);
            writer.Count(whole.Length);
            writer.Count(offset);
            writer.Raw(part.Span);
            yield return writer.ToArray();
        }
    }
}
