using System.Globalization;
using System.Text;
using Dynamo.Chaos.Checkers;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Tests;

/// <summary>A history of one key, written by hand, and what its owners hold at the end.</summary>
internal sealed class PlantedRun
{
    public const string KeyName = "k1";
    private static readonly Key Key = Key.Of(LoadBook.Bucket, KeyName);
    private static readonly ReplicaId Writer = new(new NodeId("node1"), 1);
    private static readonly ContextCodec Contexts = new("test"u8);
    private long _now = 1_000_000, _id;
    private ulong _counter;

    public List<HistoryLine> Lines { get; } = [];

    public long HintsLeft { get; set; }

    /// <summary>A put and the version that it made.</summary>
    public (HistoryLine Line, Sibling Version) Put(bool succeeded = true, params (HistoryLine Line, Sibling Version)[] read)
    {
        var line = Add(LoadKind.Put, succeeded, read);
        return (line, Version(line.Id));
    }

    /// <summary>One version more of a put: it was tried at two nodes.</summary>
    public (HistoryLine Line, Sibling Version) Again((HistoryLine Line, Sibling Version) put) => (put.Line, Version(put.Line.Id));

    public HistoryLine Delete(bool succeeded, params (HistoryLine Line, Sibling Version)[] read) => Add(LoadKind.Delete, succeeded, read);

    public HistoryLine Get(bool atTheEnd, params long[] shown)
    {
        var line = Add(LoadKind.Get, true, []) with { Shown = shown, AtTheEnd = atTheEnd };
        Lines[^1] = line;
        return line;
    }

    /// <summary>What the checkers say when every owner holds exactly these versions.</summary>
    public ChaosVerdict Ends(params (HistoryLine Line, Sibling Version)[] there)
    {
        var record = RecordOf(there);
        return Ends(record, record, record);
    }

    /// <summary>What the checkers say when the owners hold these records.</summary>
    public ChaosVerdict Ends(params Record?[] owners) => ChaosVerdict.Of(
        Lines, new RunEnding([new KeyEnding(KeyName, [.. owners.Select((r, i) => ($"node{i + 1}", r))])], HintsLeft), Contexts);

    public static Record RecordOf(params (HistoryLine Line, Sibling Version)[] there) => there.Aggregate(
        Record.Empty, static (all, put) => all.Put(VersionVector.Empty, put.Version, DotRange.Of(put.Version.Dot)));

    private HistoryLine Add(LoadKind kind, bool succeeded, (HistoryLine Line, Sibling Version)[] read)
    {
        var vector = VersionVector.Of([.. read.Select(static r => DotRange.Of(r.Version.Dot))]);
        var line = new HistoryLine
        {
            Id = ++_id, Client = "c1", Kind = kind, Key = KeyName, Began = ++_now, Ended = ++_now, Succeeded = succeeded,
            Given = read.Length == 0 ? null : [.. read.Select(static r => r.Line.Id).Distinct()],
            Context = read.Length == 0 ? null : Convert.ToBase64String(Contexts.Encode(Key, new CausalContext(vector, default, 0))),
        };
        Lines.Add(line);
        return line;
    }

    private Sibling Version(long put) => new(
        new Dot(Writer, _counter += 2), _now, new Value { Body = Encoding.ASCII.GetBytes(put.ToString(CultureInfo.InvariantCulture)) });
}
