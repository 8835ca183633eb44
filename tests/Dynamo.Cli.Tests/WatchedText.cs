using System.Buffers;
using System.Text;

namespace Dynamo.Cli.Tests;

/// <summary>Takes what a command writes and lets a test wait for it.</summary>
internal sealed class WatchedText
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchedText()
    {
        Stream = new Sink(this);
        Writer = new StreamWriter(Stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    public Stream Stream { get; }

    public TextWriter Writer { get; }

    /// <summary>Waits until a text was written; fails at once when the command ends without it.</summary>
    public async Task Until(string text, Task command)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Task changed;
            lock (_lock) changed = _changed.Task;
            if (ToString().Contains(text, StringComparison.Ordinal)) return;
            Assert.False(command.IsCompleted, $"It ended without saying '{text}': {this}");
            await Task.WhenAny(changed, command).WaitAsync(limit.Token);
        }
    }

    public override string ToString()
    {
        lock (_lock) return Encoding.UTF8.GetString(_bytes.WrittenSpan);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _bytes.Write(bytes);
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Sink(WatchedText to) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => to.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
