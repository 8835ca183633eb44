using System.Globalization;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Testing;

/// <summary>Runs a readable script against a <see cref="VirtualCluster"/> and writes down what comes of each command.</summary>
/// <remarks>
/// <code>
///   # Text for the reader.
///   put o1 "milk" as=c            a command, one a line
///       stored {(o1,1)}           what came of it, indented: compared, or written anew
/// </code>
/// <c>use bucket/key</c> chooses the key that all commands speak of; <c>o1 o2 o3</c> are its owners in the order of its
/// preference list, <c>f1 f2 …</c> its fallbacks. A version is told by who coordinated it and that store's counter.
/// </remarks>
public sealed class Scenario
{
    private const string Indent = "    ";
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _contexts = [];
    private readonly Dictionary<string, List<Outcome>> _pending = [];
    private VirtualCluster _cluster = null!;
    private Key _key = Key.Of("bucket", "key");
    private IReadOnlyList<StoreChange> _backup = [];
    private int _observed;

    /// <summary>Runs a whole script; the result is the script with the answers it got.</summary>
    public static string Run(string script)
    {
        var scenario = new Scenario();
        var output = new StringBuilder();
        foreach (var line in script.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            // Indented lines are answers of an earlier run.
            if (line.StartsWith(Indent, StringComparison.Ordinal)) continue;
            output.Append(line).Append('\n');
            if (line.Length == 0 || line[0] == '#') continue;
            foreach (var answer in scenario.Carry(line)) output.Append(Indent).Append(answer).Append('\n');
        }

        return output.ToString();
    }

    private IEnumerable<string> Carry(string line)
    {
        var (words, options) = Parse(line);
        switch (words[0])
        {
            case "cluster":
                _cluster = new VirtualCluster(int.Parse(words[1], CultureInfo.InvariantCulture), settings: Settings(options));
                _key = Key.Of("bucket", "key");
                _observed = _cluster.Observations.Count;
                return [];
            case "use":
                _key = Key.Of(words[1].Split('/')[0], words[1].Split('/')[1]);
                return [];
            case "put":
                return Answer(options, _cluster.Execute(Node(words[1]), Put(words[2], options)));
            case "begin-put":
                _pending[options["as"]] = _cluster.Begin(Node(words[1]), Put(words[2], options));
                return [];
            case "add":
                return Answer(options, _cluster.Execute(Node(words[1]), Add(words[2], options)));
            case "begin-add":
                _pending[options["as"]] = _cluster.Begin(Node(words[1]), Add(words[2], options));
                return [];
            case "count":
                return [_cluster.Count(Node(words[1]), _key) is { } count ? count.ToString(CultureInfo.InvariantCulture) : "no counter"];
            case "await":
                _cluster.RunUntil(() => _pending[words[1]].Count > 0, TimeSpan.FromMinutes(1));
                return [Text(_pending[words[1]].Single())];
            case "get":
                return Answer(options, _cluster.Get(Node(words[1]), _key, new GetOptions
                {
                    R = Size(options, "r"), PR = Size(options, "pr"),
                    NotFoundOk = options.TryGetValue("notfound_ok", out var ok) ? bool.Parse(ok) : null,
                }));
            case "delete":
                return Answer(options, _cluster.Delete(Node(words[1]), _key, Context(options)));
            case "props":
                return [Text(_cluster.SetProperties(Node(words[1]), _key.Bucket, new BucketProperties
                {
                    AllowMult = !options.TryGetValue("allow_mult", out var mult) || bool.Parse(mult),
                    NVal = options.TryGetValue("n_val", out var n) ? int.Parse(n, CultureInfo.InvariantCulture) : 3,
                }))];
            case "kill":
                foreach (var node in words[1..]) _cluster.Kill(Node(node));
                return [];
            case "stop":
                foreach (var node in words[1..]) _cluster.Stop(Node(node));
                return [];
            case "wipe":
                _cluster.Kill(Node(words[1]), wipe: true);
                return [];
            case "start":
                foreach (var node in words[1..]) _cluster.Start(Node(node));
                return [];
            case "lose-record":
                _cluster.Store(Node(words[1])).Enqueue(
                    [new StoreChange.RemoveRecord(_cluster.Ring.PartitionOf(_key), _key)], static _ => { });
                return [];
            case "partition":
                _cluster.Partition([.. string.Join(' ', words[1..]).Split('|').Select(group =>
                    (IReadOnlyList<NodeId>)[.. group.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Node)])]);
                return [];
            case "lose":
                var (type, to) = (words[1], words.Length > 2 ? Node(words[2]) : default);
                _cluster.Wire = (_, receiver, message) => message.GetType().Name != type || (!to.IsNone && receiver != to);
                return [];
            case "heal":
                _cluster.Heal();
                _cluster.Wire = static (_, _, _) => true;
                return [];
            case "run":
                _cluster.Run(TimeSpan.FromSeconds(double.Parse(words[1].TrimEnd('s'), CultureInfo.InvariantCulture)));
                return [];
            case "drain":
                return [_cluster.RunUntil(() => _cluster.HintsLeft() == 0, TimeSpan.FromMinutes(5)) ? "no hints left" : "hints are left"];
            case "repair":
                return [_cluster.Repair(Node(words[1])) ? "all pairs compared" : "pairs are left"];
            case "backup":
                _backup = _cluster.Backup(Node(words[1]));
                return [];
            case "put-back":
                _cluster.Kill(Node(words[1]), wipe: true);
                _cluster.PutBack(Node(words[1]), _backup);
                _cluster.Start(Node(words[1]));
                return [];
            case "stores":
                return [.. Everybody().Select(Store).OfType<string>()];
            case "observed":
                return Observed();
            default:
                throw new ArgumentException($"There is no command {words[0]}.");
        }
    }

    private PutRequest Put(string text, Dictionary<string, string> options) => new(
        _key, Context(options),
        new Value { Body = Encoding.UTF8.GetBytes(text), ContentType = "text/plain" },
        new PutOptions
        {
            W = Size(options, "w"), PW = Size(options, "pw"), DW = Size(options, "dw"),
            ReturnBody = options.ContainsKey("returnbody"),
        });

    private IncrementRequest Add(string delta, Dictionary<string, string> options) => new(
        _key, long.Parse(delta, CultureInfo.InvariantCulture), new PutOptions
        {
            W = Size(options, "w"), PW = Size(options, "pw"), DW = Size(options, "dw"),
            ReturnBody = options.ContainsKey("returnbody"),
        });

    private string[] Answer(Dictionary<string, string> options, Outcome outcome)
    {
        if (options.TryGetValue("as", out var name)) _contexts[name] = VirtualCluster.ContextOf(outcome);
        return [Text(outcome)];
    }

    private string Text(Outcome outcome) => outcome switch
    {
        Found found => $"found {Siblings(found.Siblings)} {Vector(found.Context)}",
        Stored { Siblings.IsEmpty: false } stored => $"stored {Siblings(stored.Siblings)} {Vector(stored.Context)}",
        Stored stored => $"stored {Vector(stored.Context)}".TrimEnd(),
        NotFound { DeletedAt: not null } deleted => $"not found, deleted {Vector(deleted.Context)}",
        NotFound => "not found",
        _ => $"{outcome.GetType().Name}: {outcome.Sentence}",
    };

    // One node's own store: its record of the key, and the hints it keeps for others.
    private string? Store(NodeId node)
    {
        var parts = new List<string>();
        var record = _cluster.Local(node, _key);
        if (!record.Clock.IsEmpty) parts.Add($"{Siblings(record.Siblings)} {Vector(record.Clock)}");
        foreach (var hint in _cluster.Store(node).HintsFor(_key))
            parts.Add($"hint for {Role(hint.Owner)}: {Siblings(hint.Stored.Record.Siblings)}");
        return parts.Count == 0 ? null : $"{Role(node)}: {string.Join("; ", parts)}";
    }

    private string[] Observed()
    {
        string[] lines =
        [
            .. _cluster.Observations.Skip(_observed).Select(o => o.Observation switch
            {
                Observation.ReadRepaired repaired => $"{Role(o.Node)} repairs {Role(repaired.Replica)}",
                Observation.HintStored hint => $"{Role(o.Node)} keeps a hint for {Role(hint.Owner)}",
                Observation.HintDelivered hint => $"{Role(o.Node)} has delivered a hint to {Role(hint.Owner)}",
                Observation.ExchangeEnded { Differing: > 0 } ended =>
                    $"{Role(o.Node)} has compared with {Role(ended.Peer)}: {ended.Differing} differed, {ended.Repaired} agree now",
                Observation.Reaped reaped => $"{Role(o.Node)} has had {reaped.Keys} key reaped",
                Observation.HintRefused hint => $"{Role(o.Node)} refuses a hint for {Role(hint.Owner)}",
                Observation.ReachabilityChanged { Reachable: false } gone => $"{Role(o.Node)} cannot reach {Role(gone.Node)}",
                Observation.GenerationBegan began => $"{Role(o.Node)} begins a store generation: {began.Reason}",
                _ => "",
            }).Where(static line => line.Length > 0),
        ];
        _observed = _cluster.Observations.Count;
        return lines.Length == 0 ? ["nothing"] : lines;
    }

    private string Siblings(IEnumerable<Sibling> siblings) => string.Join(" | ", siblings.Select(s =>
        $"{(s.IsTombstone ? "tombstone" : $"\"{Encoding.UTF8.GetString(s.Value!.Body.Span)}\"")}@{Role(s.Dot.Replica.Node)}.{s.Dot.Counter}"));

    private string Vector(ReadOnlyMemory<byte> token) =>
        token.IsEmpty ? "" : _cluster.Contexts.TryDecode(_key, token.Span, out var context, out var error) ? Vector(context.Vector) : error;

    // Generations are told apart by ticks: o1, o1', o1'' in the order in which they are met.
    private string Vector(VersionVector vector)
    {
        var ranges = new List<string>();
        var generations = new Dictionary<NodeId, List<ulong>>();
        foreach (var range in vector.Ranges)
        {
            if (!generations.TryGetValue(range.Replica.Node, out var seen)) generations.Add(range.Replica.Node, seen = []);
            if (!seen.Contains(range.Replica.Generation)) seen.Add(range.Replica.Generation);
            var ticks = new string('\'', seen.IndexOf(range.Replica.Generation));
            ranges.Add($"({Role(range.Replica.Node)}{ticks},{(range.First == range.Last ? "" : $"{range.First}..")}{range.Last})");
        }

        ranges.Sort(StringComparer.Ordinal);
        return $"{{{string.Join(" ", ranges)}}}";
    }

    private NodeId[] Everybody() => [.. _cluster.Ring.PreferenceList(_cluster.Ring.PartitionOf(_key), _cluster.Nodes.Count)];

    private string Role(NodeId node)
    {
        var at = Array.IndexOf(Everybody(), node);
        return at < 3 ? $"o{at + 1}" : $"f{at - 2}";
    }

    private NodeId Node(string role)
    {
        var index = int.Parse(role.AsSpan(1), CultureInfo.InvariantCulture);
        return Everybody()[role[0] == 'o' ? index - 1 : index + 2];
    }

    private ReadOnlyMemory<byte> Context(Dictionary<string, string> options) =>
        options.TryGetValue("context", out var name) ? _contexts[name] : default;

    private static QuorumSize Size(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var text) && QuorumSize.TryParse(text, out var size) ? size : QuorumSize.Default;

    private static NodeSettings Settings(Dictionary<string, string> options)
    {
        var settings = NodeSettings.Standard;
        if (options.TryGetValue("max-hints", out var hints))
            settings = settings with { MaxHintsPerOwner = long.Parse(hints, CultureInfo.InvariantCulture) };
        if (options.TryGetValue("max-siblings", out var siblings))
            settings = settings with { SiblingsMax = int.Parse(siblings, CultureInfo.InvariantCulture) };
        return settings;
    }

    private static (string[] Words, Dictionary<string, string> Options) Parse(string line)
    {
        var words = new List<string>();
        var options = new Dictionary<string, string>();
        foreach (var (part, quoted) in Parts(line))
        {
            var equals = quoted ? -1 : part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) options[part[..equals]] = part[(equals + 1)..];
            else if (part == "returnbody") options[part] = "";
            else words.Add(part);
        }

        return ([.. words], options);
    }

    private static IEnumerable<(string Part, bool Quoted)> Parts(string line)
    {
        var pieces = line.Split('"');
        for (var i = 0; i < pieces.Length; i++)
        {
            if (i % 2 == 1) yield return (pieces[i], true);
            else
                foreach (var word in pieces[i].Split(' ', StringSplitOptions.RemoveEmptyEntries)) yield return (word, false);
        }
    }
}
