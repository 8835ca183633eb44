using System.Text;
using Dynamo.Core;
using Dynamo.Fuzz;

namespace Dynamo.Actors.Fuzz;

/// <summary>Files of configuration, up to what Akka's parser makes of them.</summary>
public sealed class HoconTarget : FuzzTarget
{
    private static readonly string[] Parts =
    [
        "{", "}", "[", "]", "\"", "\"\"\"", "=", ":", "+=", ",", "\n", " ", "\t", "#", "//", "$", "${", "}", "${?", "${HOME}", "${?NO_SUCH}", "${a}", "${a.b}", "${dynamo.node.name}",
        "a", "b", "a.b", "dynamo", "node", "name", "http", "port", "8098", "on", "10s", "1MiB", "-1", "include ", "include \"x\"", "include file(\"x\")", "include required(\"",
        "\\", "\\u", "\\n", "\r\n", "é", "\ufeff", "null", "\0", "(", ")", "\"a\"", "\".\"", "..", ".",
    ];

    private static readonly string[] Good =
    [
        "dynamo { cluster { members = [\"node1@127.0.0.1:9001\"] }\n node.name = node1 # me\n}", "dynamo.http { port = 8098, host = \"127.0.0.1\" }\na = ${dynamo.http.port}",
        "x = [{ name = a, host = h, port = 1 }, { name = b }]\ny = ${x}\nz = \"\"\"many\nlines\"\"\"", "a.b.c = 1\na { b { d = ${a.b.c} } }\nlist = [1, 2, 3] ${?none}",
        "storage { folder = \"./data/\"${?NAME}\"/x\" }\ninclude \"more.conf\"",
    ];

    public override string Name => "hocon";

    public override IReadOnlyList<string> Expected => ["valid: read", "mutated: read", "mutated: refused", "words: read", "words: refused", "cut: refused", "deep: refused"];

    public override byte[] Make(Prng random, out string kind)
    {
        kind = random.Chance(0.5) ? "words" : "deep";
        if (kind == "words") return Encoding.UTF8.GetBytes(Words(random, Parts, 12));
        if (random.Chance(0.005)) return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Chance(0.5) ? "a {" : "[", 1 + random.Below(20_000))));
        return Damage(random, Encoding.UTF8.GetBytes(Good[random.Below(Good.Length)]), Encoding.UTF8.GetBytes(Good[random.Below(Good.Length)]), out kind);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        var errors = new List<string>();
        var text = HoconText.OfText(Encoding.UTF8.GetString(input.Span), "fuzz.conf", errors);
        if (errors.Count == 0 && HoconText.Parse(text, errors) is not null) return "read";
        foreach (var error in errors) Refused(error);
        return errors.Count > 0 ? "refused" : throw new FuzzException("It was refused without a sentence.");
    }
}

/// <summary>Settings of a node: names, values and units, as the command line and files give them.</summary>
public sealed class SettingsTarget : FuzzTarget
{
    private static readonly string[] Keys =
    [
        "dynamo.cluster.members", "dynamo.cluster.partitions", "dynamo.cluster.name", "dynamo.node.name", "dynamo.node.address", "dynamo.http.port", "dynamo.http.host",
        "dynamo.http.token-file", "dynamo.remote.tls.certificate", "dynamo.remote.tls.enabled", "dynamo.storage.cache", "dynamo.requests.timeout", "dynamo.anti-entropy.round",
        "dynamo.tombstones.truncate-clocks", "dynamo", "dynamo.http", "dynamo.cluster", "akka", "akka.loglevel", "x", "dynamo.no-such",
    ];

    private static readonly string[] Values =
    [
        "1", "0", "-1", "8098", "65536", "99999999999999999999", "1e9", "10s", "500ms", "1parsec", "1MiB", "off", "on", "maybe", "[]", "[1]", "{}", "{a=1}", "\"", "\"a\"", "node1",
        "[\"node1@h:1\"]", "[\"node1@h:1\",\"node1@h:2\"]", "[{name=node1,host=h,port=1}]", "[{name=node1,weight=99999}]", "[[]]", "${x}", "", " ", "\n", "é", "a b", "256", "512", "null",
    ];

    public override string Name => "settings";

    public override IReadOnlyList<string> Expected => ["good: read", "one: refused", "many: refused", "one: read"];

    public override byte[] Make(Prng random, out string kind)
    {
        string[] kinds = ["good", "one", "many"];
        kind = kinds[random.Below(3)];
        var lines = Enumerable.Range(0, kind == "good" ? 0 : kind == "one" ? 1 : 2 + random.Below(4)).Select(_ =>
            $"{Keys[random.Below(Keys.Length)]}={(random.Chance(0.7) ? Values[random.Below(Values.Length)] : Words(random, Values, 3)).Replace('\n', ' ')}");
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        string[] given = ["dynamo.cluster.members=[\"node1@127.0.0.1:9001\"]", "dynamo.node.name=node1", .. Encoding.UTF8.GetString(input.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        try
        {
            _ = NodeConfig.Load(null, given).Exposure();
            return "read";
        }
        catch (ConfigException fault)
        {
            foreach (var error in fault.Errors) Refused(error);
            return fault.Errors.Count > 0 ? "refused" : throw new FuzzException("It was refused without a sentence.");
        }
    }
}
