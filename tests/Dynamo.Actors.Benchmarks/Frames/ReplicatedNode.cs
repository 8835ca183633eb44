using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Dynamo.Core;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>Akka.DistributedData with majority reads and writes, asked in frames as the skeleton is.</summary>
/// <remarks>
/// Entries lie in as many <c>LWWDictionary</c>s as <c>--top-level</c> says, by a hash of their key. Each get and put of an entry reads or
/// writes the dictionary it lies in, so many small ones are better than few; Akka's documentation limits them to 100,000.
/// </remarks>
internal static class ReplicatedNode
{
    public const string Usage = "ddata --role replica --port PORT --peers HOST:PORT,... [--top-level 1000] [--batched true]";

    public static async Task<int> Run(Arguments given)
    {
        if (given.Text("--role") == "client") return await FrameSystem.Drive("ddata", given);
        var peers = given.List("--peers");
        var topLevel = (int)given.Number("--top-level", 1000);
        var isBatched = given.Text("--batched", "true") == "true";
        using var system = FrameSystem.Start(given.Number("--port"), $$"""
            akka.actor.provider = cluster
            akka.cluster {
              seed-nodes = ["akka.tcp://{{FrameSystem.Name}}@{{peers[0]}}"]
              downing-provider-class = "Akka.Cluster.NoDowning, Akka.Cluster"
            }
            """);
        // It is ready when it is a member, so that a majority is one of all those started so far.
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Get(system).RegisterOnMemberUp(up.SetResult);
        await up.Task;
        system.ActorOf(Props.Create(() => new ReplicatedFront(topLevel, isBatched)), FrameSystem.Front);
        return await FrameSystem.Serve();
    }
}

/// <summary>Asks the replicator of its node for what clients want.</summary>
internal sealed class ReplicatedFront : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly LWWDictionary<string, byte[]> Empty = LWWDictionary<string, byte[]>.Empty;
    private readonly ReadMajority _read = new(Patience);
    private readonly WriteMajority _write = new(Patience);
    private readonly UniqueAddress _self = Cluster.Get(Context.System).SelfUniqueAddress;
    private readonly IActorRef _replicator = Akka.DistributedData.DistributedData.Get(Context.System).Replicator;
    private readonly LWWDictionaryKey<string, byte[]>[] _dictionaries;
    private readonly Outboxes _outboxes;

    public ReplicatedFront(int topLevel, bool isBatched)
    {
        _outboxes = new Outboxes(Self, isBatched);
        _dictionaries = [.. Enumerable.Range(0, topLevel).Select(static i => new LWWDictionaryKey<string, byte[]>($"d{i}"))];
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Frame { Kind: FrameKind.Requests } frame:
                OnRequests(frame.Bytes);
                break;
            case IGetResponse got:
                var asked = (Asked)got.Request;
                byte[]? found = null;
                if (got.IsFound) got.Get(_dictionaries[asked.Dictionary]).TryGetValue(asked.Key, out found);
                Answer(asked, got is GetFailure, found);
                break;
            case IUpdateResponse written:
                Answer((Asked)written.Request, !written.IsSuccessful, null);
                break;
            case Flush:
                _outboxes.OnFlush();
                break;
        }
    }

    private void OnRequests(ReadOnlySpan<byte> requests)
    {
        var client = _outboxes.Towards(Sender, FrameKind.Replies);
        var reader = new WireReader(requests);
        while (reader.Remaining > 0)
        {
            var number = reader.Number();
            var isPut = reader.Bool();
            var key = reader.Text(Frame.MaxKey);
            var asked = new Asked(client, number, key, DictionaryOf(key));
            var dictionary = _dictionaries[asked.Dictionary];
            if (isPut)
            {
                var value = reader.Bytes(Frame.MaxValue).ToArray();
                _replicator.Tell(Dsl.Update(dictionary, Empty, _write, asked, old => old.SetItem(_self, key, value)));
            }
            else
            {
                _replicator.Tell(Dsl.Get(dictionary, _read, asked));
            }
        }
    }

    // Every process must find the same dictionary, which a string's own hash does not.
    private int DictionaryOf(string key)
    {
        var hash = 17u;
        foreach (var c in key) hash = (hash * 31) + c;
        return (int)(hash % (uint)_dictionaries.Length);
    }

    private void Answer(Asked asked, bool hasFailed, byte[]? value)
    {
        var entries = asked.Client.Entries;
        entries.Number(asked.Number);
        entries.Bool(hasFailed);
        entries.Bytes(value);
        _outboxes.Written(asked.Client);
    }

    private sealed record Asked(Outbox Client, ulong Number, string Key, int Dictionary);
}
