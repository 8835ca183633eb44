using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>The buffer: how full it is, while the writer is held, and that a clean end leaves nothing in it. Section 4.9.</summary>
public sealed class SqliteBufferTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Turnstile _turnstile = new();
    private readonly List<string> _answers = [];
    private readonly SqliteOptions _options;
    private SqliteEngine _engine;

    public SqliteBufferTests()
    {
        _options = _folder.Options with
        {
            Buffer = new BufferLimits { MaxWrites = 3, MaxBytes = 1_000 }, MaxQueued = 5, MaxBatch = 2, RetryInterval = TimeSpan.FromDays(1),
            BeforeTransaction = _turnstile.Pass,
        };
        _engine = SqliteEngine.Open(_options);
    }

    public void Dispose()
    {
        _turnstile.Open();
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void It_is_full_at_as_many_writes_as_it_takes_and_open_again_when_they_are_durable()
    {
        Assert.Equal(("buffered", StoreBuffer.Open), (_engine.Name, _engine.Buffer));
        for (var i = 0; i < 2; i++) Enqueue($"{i}", Put(KeyOf(i), Stored(1, "x")));
        _turnstile.Enqueue(_engine, [], result => Note("barrier", result));
        // The writer has taken what waits; it is in the buffer all the same, until it is durable.
        _turnstile.AwaitArrival();
        Assert.Equal(StoreBuffer.Open, _engine.Buffer);
        Enqueue("2", Put(KeyOf(2), Stored(1, "x")));
        Assert.Equal(StoreBuffer.Full, _engine.Buffer);
        Enqueue("3", Put(KeyOf(3), Stored(1, "x")));
        Assert.Equal((4, 4, 1), Measures());
        Drain();
        Assert.Equal(StoreBuffer.Open, _engine.Buffer);
        Assert.Equal((0, 0, 1), Measures());
        Assert.Equal(["0 ok", "1 ok", "2 ok", "3 ok", "barrier ok"], _answers.Order());
    }

    [Fact]
    public void It_is_full_at_as_many_bytes_as_it_takes()
    {
        Enqueue("large", Put(KeyOf(1), Stored(1, new string('x', 1_000))));
        Assert.Equal(StoreBuffer.Full, _engine.Buffer);
        Drain();
        Assert.Equal(StoreBuffer.Open, _engine.Buffer);
    }

    [Fact]
    public void While_the_disk_fails_nothing_is_called_applied_and_what_failed_is_counted()
    {
        Enqueue("a", Put(KeyOf(1), Stored(1, "a")));
        _turnstile.Step(Turnstile.FullDisk);
        Assert.Equal((StoreBuffer.Full, 1L), (_engine.Buffer, _engine.FailedTransactions));
        Assert.Equal(StoreReadStatus.Missing, _engine.Read(P0, KeyOf(1)).Status);
        Enqueue("b", Put(KeyOf(1), Stored(1, "b")));
        Drain();
        Assert.Equal((StoreBuffer.Open, 1L), (_engine.Buffer, _engine.FailedTransactions));
        Assert.Equal((0, 0, 1), Measures());
    }

    [Fact]
    public void A_write_that_the_queue_refuses_counts_as_a_failure_for_who_has_called_it_applied()
    {
        for (var i = 0; i < 8; i++) Enqueue($"{i}", Put(KeyOf(i), Stored(1, "x")));
        Assert.True(_engine.FailedTransactions > 0);
        Drain();
        Assert.Contains(_answers, static answer => answer.Contains("overloaded", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clean_end_leaves_nothing_in_it()
    {
        for (var i = 0; i < 3; i++) _engine.Enqueue([Put(KeyOf(i), Stored(1, $"{i}"))], static _ => { });
        _turnstile.Open();
        _engine.Dispose();
        _engine = SqliteEngine.Open(_options);
        for (var i = 0; i < 3; i++) Assert.Equal($"{i}", TextOf(_engine.Read(P0, KeyOf(i))));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(6, 1)]
    public void A_buffer_of_no_size_or_a_larger_one_than_the_queue_is_refused(int writes, long bytes) =>
        Assert.Single((_options with { Buffer = new BufferLimits { MaxWrites = writes, MaxBytes = bytes } }).Check());

    private void Enqueue(string name, params StoreChange[] changes) => _turnstile.Enqueue(_engine, changes, result => Note(name, result));

    private void Note(string name, WriteResult result) => _answers.Add($"{name} {result.Error ?? "ok"}");

    private (long Writes, long Bytes, long HeldUp) Measures()
    {
        var measures = _engine.Measures();
        return (measures.BufferedWrites, measures.BufferedBytes, measures.HeldUpWrites);
    }

    private void Drain()
    {
        for (var i = 0; i < 20; i++) _turnstile.Step();
    }
}
