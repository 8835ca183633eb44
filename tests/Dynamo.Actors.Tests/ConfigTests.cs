using Akka.Configuration;
using Akka.Configuration.Hocon;
using Dynamo.Cli.Certificates;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors.Tests;

/// <summary>Every setting has one documented default, and everything that is wrong is said at once.</summary>
public sealed class ConfigTests : IDisposable
{
    private const string Members = """dynamo.cluster.members=["node1@127.0.0.1:9001", "node2@127.0.0.1:9002", "node3@10.0.0.3:9003"]""";
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-config").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Two_settings_are_enough_and_all_others_have_the_documented_defaults()
    {
        var config = Load();
        Assert.Equal(NodeSettings.Standard, config.Node.Settings);
        Assert.Equal((new NodeId("node1"), "dynamo", 256, 3), (
            config.Node.Self, config.Node.Founding.ClusterName, config.Node.Founding.PartitionCount, config.Node.Founding.TargetNVal));
        Assert.Equal(new NodeEndpoint("10.0.0.3", 9003), config.Node.Endpoints[new NodeId("node3")]);
        Assert.Equal(new SqliteOptions { Folder = "./data" }, config.Storage);
        Assert.Equal(("127.0.0.1", 8098, null, 1024), (config.HttpHost, config.HttpPort, config.HttpToken, config.HttpMaxConcurrent));
        Assert.Equal(("127.0.0.1", 9001, Path.Combine("./data", "journal.db")), (config.Akka.Host, config.Akka.Port, config.Akka.JournalFile));
        Assert.Equal("", config.Exposure());
    }

    [Fact]
    public void Every_setting_of_the_reference_is_read()
    {
        // A group where a value belongs: whoever reads the setting complains, and a setting that nobody reads is found.
        var leaves = Leaves("dynamo", ConfigurationFactory.ParseString(NodeConfig.Reference).GetValue("dynamo")).ToList();
        Assert.True(leaves.Count > 35, "The reference has been read.");
        foreach (var leaf in leaves)
            Assert.Contains(Errors($"{leaf}={{ x = 1 }}"), e => e.StartsWith(leaf, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dynamo.node.name=node9", "dynamo.node.name is \"node9\", which is none of dynamo.cluster.members; a node that is to join them later needs dynamo.node.address.")]
    [InlineData("dynamo.node.contacts=[\"127.0.0.1:9009\"]", "dynamo.node.contacts has the entry \"127.0.0.1:9009\"; it must be of the form name@host:port.")]
    [InlineData("dynamo.node.address=\"127.0.0.1:9009\"", "dynamo.node.address is set, and node1 is one of dynamo.cluster.members, which says where it is.")]
    [InlineData("dynamo.node.nmae=node1", "dynamo.node.nmae is not a setting; reference.conf lists all there are.")]
    [InlineData("dynamo.http=8098", "dynamo.http must be a group of settings.")]
    [InlineData("dynamo.http.port=65536", "dynamo.http.port is \"65536\"; it must be a whole number from 0 to 65535.")]
    [InlineData("dynamo.storage.row-cache=-1", "dynamo.storage.row-cache is \"-1\"; it must be a size such as 512KiB or 1MiB, from 0 to 64GiB.")]
    [InlineData("dynamo.requests.timeout=5parsecs", "dynamo.requests.timeout is \"5parsecs\"; it must be a duration such as 500ms or 10s, from 1ms to 1h.")]
    [InlineData("dynamo.requests.timeout=\u1c55s", "dynamo.requests.timeout is \"\u1c55s\"; it must be a duration such as 500ms or 10s, from 1ms to 1h.")]
    [InlineData("dynamo.requests.timeout=500", "dynamo.requests.timeout is \"500\"; it must be a duration such as 500ms or 10s, from 1ms to 1h.")]
    [InlineData("dynamo.requests.timeout=2h", "dynamo.requests.timeout is \"2h\"; it must be a duration such as 500ms or 10s, from 1ms to 1h.")]
    [InlineData("dynamo.anti-entropy.round=500ms", "dynamo.anti-entropy.round is \"500ms\"; it must be off or a duration such as 500ms or 10s, from 1s to 365d.")]
    [InlineData("dynamo.anti-entropy.after-return=off", "dynamo.anti-entropy.after-return is \"off\"; it must be a duration such as 500ms or 10s, from 0s to 1h.")]
    [InlineData("dynamo.anti-entropy.window=0", "dynamo.anti-entropy.window is \"0\"; it must be a whole number from 1 to 10000.")]
    [InlineData("dynamo.requests.max-value-bytes=17MiB", "dynamo.requests.max-value-bytes is \"17MiB\"; it must be a size such as 512KiB or 1MiB, from 1 byte to 16MiB.")]
    [InlineData("dynamo.storage.engine=rocks", "dynamo.storage.engine is \"rocks\"; it must be sqlite, buffered or memory.")]
    [InlineData("dynamo.storage.engine=\"rocks", "dynamo.storage.engine is \"\"rocks\"; it must be sqlite, buffered or memory.")]
    [InlineData("dynamo.storage.engine=\"rocks\"", "dynamo.storage.engine is \"rocks\"; it must be sqlite, buffered or memory.")]
    [InlineData("dynamo.node.rehearsal=perhaps", "dynamo.node.rehearsal is \"perhaps\"; it must be on or off.")]
    [InlineData("dynamo.remote.tls.enabled=maybe", "dynamo.remote.tls.enabled is \"maybe\"; it must be on or off.")]
    [InlineData("dynamo.remote.tls.enabled=on", "dynamo.remote.tls.certificate is not set, and TLS is enabled.")]
    [InlineData("dynamo.cluster.partitions=100", "dynamo.cluster.partitions is 100; it must be a power of two, 8 to 65536.")]
    [InlineData("dynamo.cluster.members=[\"node1\"]", "dynamo.cluster.members has the entry \"node1\"; it must be of the form name@host:port.")]
    [InlineData("dynamo.cluster.members=[\"node1@h:0\"]", "dynamo.cluster.members has the entry \"node1@h:0\"; the port must be 1 to 65535.")]
    [InlineData("dynamo.cluster.members=[]", "dynamo.cluster.members is empty; it must name the first members, such as [\"node1@127.0.0.1:9001\"].")]
    [InlineData("dynamo.cluster.members=[{name=node1, host=h, port=1, wieght=2}]", "dynamo.cluster.members has an entry with wieght, which is not a setting; there are name, host, port, weight, zone.")]
    [InlineData("dynamo.siblings.max-record-bytes=1KiB", "dynamo.siblings.max-record-bytes is below dynamo.requests.max-value-bytes, so that the largest value could not be put.")]
    [InlineData("nonsense", "-D nonsense is not of the form key=value.")]
    public void A_wrong_setting_is_named_in_one_sentence(string assignment, string sentence) =>
        Assert.Equal([sentence], Errors(assignment));

    [Fact]
    public void The_engine_buffered_is_sqlite_with_a_buffer_of_the_size_that_is_set()
    {
        Assert.Equal(new SqliteOptions { Folder = "./data", Buffer = new BufferLimits() }, Load("dynamo.storage.engine=buffered").Storage);
        Assert.Equal(
            new BufferLimits { MaxWrites = 7, MaxBytes = 1 << 20 },
            Load("dynamo.storage={ engine = buffered, buffer { max-writes = 7, max-bytes = 1MiB } }").Storage!.Buffer);
    }

    [Fact]
    public void Anti_entropy_is_slowed_down_hurried_or_left_to_administrators()
    {
        var settings = Load(
            "dynamo.anti-entropy={ round = off, after-return = 0s, pause = 1m, window = 7, keys-per-second = 9, tree-expiry = 365d }")
            .Node.Settings;
        Assert.Equal(
            NodeSettings.Standard with
            {
                SyncEvery = TimeSpan.Zero, SyncAfterReturn = TimeSpan.Zero, SyncPause = TimeSpan.FromMinutes(1),
                SyncWindow = 7, SyncKeysPerSecond = 9, TreeExpiry = TimeSpan.FromDays(365),
            },
            settings);
        Assert.Equal(TimeSpan.FromHours(2), Load("dynamo.anti-entropy.round=2h").Node.Settings.SyncEvery);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once() =>
        Assert.Equal(4, Errors("dynamo.htp.port=1", "dynamo.http.port=x", "dynamo.gossip.every=1", "dynamo.storage.sync=never").Count);

    [Fact]
    public void Members_may_be_groups_with_weights_and_zones()
    {
        var config = Load("""dynamo.cluster.members=[{ name = node1, host = "10.0.0.1", port = 9001, weight = 3, zone = "rack a" }, "node2@h:1"]""");
        Assert.Equal(new RingMember(new NodeId("node1"), 3, "rack a"), config.Node.Founding.Members[0]);
        Assert.Equal(new NodeEndpoint("10.0.0.1", 9001), config.Node.Endpoints[new NodeId("node1")]);
    }

    [Fact]
    public void Files_include_files_and_variables_fill_in_what_is_set()
    {
        var set = $"DYNAMO_TEST_{Guid.NewGuid():N}".ToUpperInvariant();
        Environment.SetEnvironmentVariable(set, "node2");
        Write("base.conf", $$"""
            # A comment with ${NO_SUCH_VARIABLE} and an unbalanced {
            dynamo {
              node { name = node1, name = ${?{{set}}} } // and another "
              http.port = 9999
              http.port = ${?NO_SUCH_VARIABLE}
              storage.folder = "/data/x"
            }
            """);
        var main = Write("main.conf", $$"""
            include "base.conf"
            dynamo.storage.folder = /var/${dynamo.node.name}/${{{set}}}-${?NO_SUCH_VARIABLE}data
            dynamo.cluster { name = quoted, members = ["node1@h:1", "node2@h:2"] }
            """);
        var config = NodeConfig.Load(main, ["dynamo.cluster.name=other"]);
        Assert.Equal((new NodeId("node2"), 9999, "/var/node2/node2-data", "other"), (
            config.Node.Self, config.HttpPort, config.Storage!.Folder, config.Node.Founding.ClusterName));
        Environment.SetEnvironmentVariable(set, null);
        var unset = Assert.Throws<ConfigException>(() => NodeConfig.Load(main, []));
        Assert.Equal($"{main}, line 2: the environment variable {set} is not set.", Assert.Single(unset.Errors));
    }

    [Theory]
    [InlineData("dynamo {", "line 1: { is never closed.")]
    [InlineData("a = 1\ndynamo.x = ]", "line 2: ] closes nothing.")]
    [InlineData("dynamo.x = \"y", "line 1: a text in quotes is never closed.")]
    [InlineData("include \"no-such.conf\"", "no-such.conf cannot be read")]
    public void A_file_that_is_not_sound_is_refused_with_the_line(string text, string part)
    {
        var file = Write("bad.conf", text);
        Assert.Contains(part, Assert.Single(Assert.Throws<ConfigException>(() => NodeConfig.Load(file, [])).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_below_akka_reaches_Akka()
    {
        var config = Load("akka.remote.retry-gate-closed-for=2s");
        Assert.Equal(TimeSpan.FromSeconds(2), config.Akka.ToConfig(config.Hocon).GetTimeSpan("akka.remote.retry-gate-closed-for"));
        Assert.Equal(500, Load().Akka.ToConfig(Load().Hocon).GetTimeSpan("akka.remote.retry-gate-closed-for").TotalMilliseconds);
    }

    [Fact]
    public void What_is_wrong_below_akka_is_one_sentence_too()
    {
        var config = Load("akka.actor.provider=nonsense");
        var fault = Assert.Throws<ConfigException>(() => config.Akka.CreateSystem(config.Hocon));
        Assert.StartsWith("The settings below akka cannot be used: ", Assert.Single(fault.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dynamo.remote.tls")]
    [InlineData("dynamo.http.tls")]
    public void A_certificate_that_cannot_be_used_is_named_with_the_reason(string group)
    {
        var file = Write("nonsense.pfx", "no certificate").Replace('\\', '/');
        var good = Certificate("good", DateTimeOffset.UtcNow);
        string[] files = [file, $"{_folder}/none.pfx", good, Certificate("old", DateTimeOffset.UtcNow.AddDays(-2)), Certificate("new", DateTimeOffset.UtcNow.AddDays(2)), $"{_folder}/good/ca.crt"];
        string[] reasons = ["cannot be read: ", "cannot be read: ", "cannot be read: ", "has expired on ", "is not valid before ", "cannot be read: "];
        foreach (var (path, reason) in files.Zip(reasons))
        {
            var password = path == good ? "wrong" : "";
            var error = Assert.Single(Errors($"{group}.enabled=on", $"{group}.certificate={path}", $"{group}.password={password}"));
            Assert.StartsWith($"{group}.certificate is \"{path}\", which {reason}", error, StringComparison.Ordinal);
            Assert.EndsWith(".", error, StringComparison.Ordinal);
        }

        Load($"{group}.enabled=on", $"{group}.certificate={good}", $"{group}.password=");
        Load($"{group}.certificate=no-such-file");
        Assert.Equal($"{group}.certificate is not set, and TLS is enabled.", Assert.Single(Errors($"{group}.enabled=on")));
    }

    [Fact]
    public void A_node_open_to_the_outside_says_so()
    {
        Assert.Equal("", Load().Exposure());
        Assert.Equal("", Load("dynamo.remote.bind-host=\"::1\"").Exposure());
        Assert.Contains("without TLS", Load("dynamo.remote.bind-host=0.0.0.0").Exposure(), StringComparison.Ordinal);
        var tls = Load("dynamo.remote.bind-host=0.0.0.0", "dynamo.remote.tls.enabled=on", $"dynamo.remote.tls.certificate={Certificate("good", DateTimeOffset.UtcNow)}");
        Assert.Contains("does not authenticate who connects", tls.Exposure(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_may_stand_in_a_file_and_is_never_in_a_sentence()
    {
        var file = Write("token", "s3cret\n").Replace('\\', '/');
        Assert.Equal("s3cret", Load($"dynamo.http.token-file={file}").HttpToken);
        Assert.Equal("s3cret", Load("dynamo.http.token=s3cret").HttpToken);
        Assert.Null(Load().HttpToken);
        var wrong = Write("wrong", "s3cret words").Replace('\\', '/');
        foreach (var errors in new[]
        {
            Errors($"dynamo.http.token-file={_folder}/none"), Errors($"dynamo.http.token-file={wrong}"),
            Errors($"dynamo.http.token-file={file}", "dynamo.http.token=s3cret2"), Errors($"dynamo.http.token-file={Write("empty", "")}"),
        })
        {
            Assert.Contains("dynamo.http.token-file", Assert.Single(errors), StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", errors[0], StringComparison.Ordinal);
        }
    }

    private string Certificate(string name, DateTimeOffset from)
    {
        DevelopmentCertificates.Create(new CertificateOptions { Folder = Path.Combine(_folder, name), Hosts = ["localhost"], Days = 1, Force = true }, from);
        return DevelopmentCertificates.NodeFile(Path.Combine(_folder, name), "node").Replace('\\', '/');
    }

    [Theory]
    [InlineData("node.conf", "node1")]
    [InlineData("cluster-3.conf", "node2")]
    [InlineData("cluster-5.conf", "node5")]
    [InlineData("production.conf", "node1")]
    [InlineData("tls.conf", "node3")]
    public void The_files_in_config_are_good(string file, string node)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "config", file);
        List<string> given = [$"dynamo.node.name={node}", "dynamo.remote.tls.enabled=off", "dynamo.http.tls.enabled=off"];
        Environment.SetEnvironmentVariable("DYNAMO_HTTP_TOKEN", "secret");
        Environment.SetEnvironmentVariable("DYNAMO_CLUSTER_KEY", "key");
        Assert.Equal(new NodeId(node), NodeConfig.Load(path, given).Node.Self);
    }

    private static NodeConfig Load(params string[] assignments) =>
        NodeConfig.Load(null, [Members, "dynamo.node.name=node1", .. assignments]);

    private static IReadOnlyList<string> Errors(params string[] assignments) =>
        Assert.Throws<ConfigException>(() => Load(assignments)).Errors;

    private static IEnumerable<string> Leaves(string path, HoconValue value) => value.IsObject()
        ? value.GetObject().Items.SelectMany(item => Leaves($"{path}.{item.Key}", item.Value))
        : [path];

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
