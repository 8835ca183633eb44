using System.Globalization;
using Dynamo.Core;

namespace Dynamo.Testing.Load;

/// <summary>What clients share: the keys, the numbers of operations, and where the history goes.</summary>
/// <param name="first">The first number; of several programs that write one history each has its own.</param>
/// <param name="step">How many programs there are.</param>
/// <param name="keys">How many keys; they are called k0, k1 and so on.</param>
/// <param name="record">Takes each line; called by many threads.</param>
public sealed class LoadBook(long first, long step, int keys, Action<HistoryLine> record)
{
    /// <summary>The bucket of every key.</summary>
    public const string Bucket = "chaos";

    private long _last = first - step;

    /// <summary>How many keys there are.</summary>
    public int Keys => keys;

    /// <summary>The next number.</summary>
    public long NextId() => Interlocked.Add(ref _last, step);

    /// <summary>Adds a line.</summary>
    public void Record(HistoryLine line) => record(line);

    /// <summary>The name of a key.</summary>
    public static string KeyName(int index) => string.Create(CultureInfo.InvariantCulture, $"k{index}");
}

/// <summary>One client: it reads keys, and puts and deletes them with what it has read, seldom without, at a pace of its own.</summary>
/// <param name="name">What it is called in the history.</param>
/// <param name="target">Whom it asks.</param>
/// <param name="book">What it shares with others.</param>
/// <param name="seed">What its choices are drawn from.</param>
/// <param name="pause">The mean pause between two rounds.</param>
public sealed class LoadClient(string name, ILoadTarget target, LoadBook book, ulong seed, TimeSpan pause)
{
    // The context of the last own put of a key: good for another put without a read in between, as the paper's clients do.
    private readonly Dictionary<string, (ReadOnlyMemory<byte> Context, long Put)> _own = [];
    private readonly Prng _random = new(seed);

    /// <summary>Acts until it is told to stop.</summary>
    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Act();
            var microseconds = 1 + _random.Below((int)(2 * pause.TotalMicroseconds));
            try
            {
                await Task.Delay(TimeSpan.FromMicroseconds(microseconds), stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One round.</summary>
    public async Task Act()
    {
        var key = LoadBook.KeyName(_random.Below(book.Keys));
        var dice = _random.Below(100);
        if (dice < 4)
        {
            await Put(key, default, []);
            return;
        }

        if (dice < 14 && _own.TryGetValue(key, out var own))
        {
            await Put(key, own.Context, [own.Put]);
            return;
        }

        var read = await Get(key);
        if (!read.Succeeded || dice < 40) return;
        if (dice < 88) await Put(key, read.Context, read.Shown);
        else if (!read.Context.IsEmpty) await Delete(key, read.Context, read.Shown);
    }

    /// <summary>Reads a key.</summary>
    public async Task<LoadAnswer> Get(string key, bool atTheEnd = false)
    {
        var (id, began) = (book.NextId(), HistoryLine.Now);
        var answer = await target.Get(key);
        Note(id, LoadKind.Get, key, began, answer, default, [], atTheEnd);
        return answer;
    }

    private async Task Put(string key, ReadOnlyMemory<byte> context, IReadOnlyList<long> given)
    {
        var (id, began) = (book.NextId(), HistoryLine.Now);
        var answer = await target.Put(key, id, context);
        if (answer.Succeeded) _own[key] = (answer.Context, id);
        Note(id, LoadKind.Put, key, began, answer, context, given);
    }

    private async Task Delete(string key, ReadOnlyMemory<byte> context, IReadOnlyList<long> given)
    {
        var (id, began) = (book.NextId(), HistoryLine.Now);
        _own.Remove(key);
        Note(id, LoadKind.Delete, key, began, await target.Delete(key, context), context, given);
    }

    private void Note(
        long id, LoadKind kind, string key, long began, LoadAnswer answer, ReadOnlyMemory<byte> context,
        IReadOnlyList<long> given, bool atTheEnd = false) => book.Record(new HistoryLine
        {
            Id = id, Client = name, Node = target.Node, Kind = kind, Key = key, Began = began, Ended = HistoryLine.Now,
            Succeeded = answer.Succeeded, Nothing = answer.Nothing ? true : null, AtTheEnd = atTheEnd ? true : null,
            Error = answer.Error,
            Given = given.Count == 0 ? null : given,
            Context = context.IsEmpty ? null : Convert.ToBase64String(context.Span),
            Shown = answer.Shown.Count == 0 ? null : answer.Shown,
        });
}
