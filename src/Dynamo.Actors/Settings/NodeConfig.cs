using System.Collections.Immutable;
using System.Net;
using Akka.Configuration;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;

namespace Dynamo.Actors;

/// <summary>Everything a node process is configured with, checked.</summary>
/// <remarks>
/// reference.conf, which is inside this assembly, documents every setting; nothing else has defaults.
/// </remarks>
public sealed record NodeConfig
{
    /// <summary>What the actors must know.</summary>
    public required DynamoActorOptions Node { get; init; }

    /// <summary>What Akka.NET must know.</summary>
    public required AkkaSettings Akka { get; init; }

    /// <summary>The store's options; null for the memory engine.</summary>
    public required SqliteOptions? Storage { get; init; }

    /// <summary>Where the HTTP interface listens.</summary>
    public required string HttpHost { get; init; }

    /// <summary>Its port; 0 for any free one.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Its bearer token; null when none is asked for.</summary>
    public required string? HttpToken { get; init; }

    /// <summary>The certificate file (PKCS #12) when it speaks HTTPS; null for HTTP.</summary>
    public required string? HttpCertificate { get; init; }

    /// <summary>The certificate file's password.</summary>
    public required string HttpCertificatePassword { get; init; }

    /// <summary>Requests it serves at once.</summary>
    public required int HttpMaxConcurrent { get; init; }

    /// <summary>How long HTTP requests under way may go on when the node is told to stop.</summary>
    public required TimeSpan HttpDrainTimeout { get; init; }

    /// <summary>Whether it rehearses after its start; see <see cref="Rehearsal"/>.</summary>
    public required bool Rehearses { get; init; }

    /// <summary>The whole configuration, for what it says below <c>akka</c>.</summary>
    public required Config Hocon { get; init; }

    /// <summary>The text of reference.conf.</summary>
    public static string Reference => Resource.Text("reference.conf");

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="file">A HOCON file; null for none.</param>
    /// <param name="assignments">
    /// Settings from the command line, <c>key=value</c> each, which override the file.
    /// </param>
    /// <exception cref="ConfigException">Something is wrong; it says everything at once.</exception>
    public static NodeConfig Load(string? file, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(assignments);
        var errors = new List<string>();
        var text = file is null ? "" : HoconText.OfFile(file, errors);
        var overrides = string.Concat(assignments.Select(a => HoconText.OfAssignment(a, errors)));
        text = $"{Reference}\n{text}\n{overrides}";
        if (errors.Count > 0) throw new ConfigException(errors);
        var config = HoconText.Parse(text, errors) ?? throw new ConfigException(errors);
        var reader = new SettingsReader(config, errors);
        reader.CheckKeys("dynamo", ConfigurationFactory.ParseString(Reference));
        var read = Read(reader, config, errors);
        return errors.Count == 0 ? read! : throw new ConfigException(errors);
    }

    /// <summary>What to warn an operator of whose node's Akka.Remote listens beyond this machine: one sentence; else "".</summary>
    /// <remarks>For HTTP, HttpOptions.Warning says it.</remarks>
    public string Exposure()
    {
        var listens = Akka.BindHost.Length > 0 ? Akka.BindHost : Akka.Host;
        return IsLoopback(listens) ? ""
            : Akka.TlsCertificate.Length == 0
                ? $"Akka.Remote listens on {listens} without TLS: whoever reaches port {Akka.Port} can read and write everything, "
                    + "and whoever is on the way can read along."
                : $"Akka.Remote listens on {listens} with TLS, which does not authenticate who connects: "
                    + $"let only nodes and their clients reach port {Akka.Port}.";
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static NodeConfig? Read(SettingsReader reader, Config config, List<string> errors)
    {
        var name = reader.Required("dynamo.node.name");
        var before = errors.Count;
        List<MemberSetting> members = [.. reader.Entries("dynamo.cluster.members")
            .Select(entry => MemberSetting.Read(entry, errors)).OfType<MemberSetting>()];
        var address = reader.Text("dynamo.node.address");
        var self = members.Find(m => m.Member.Node.Name == name);
        if (self is not null && address.Length > 0)
            errors.Add($"dynamo.node.address is set, and {name} is one of dynamo.cluster.members, which says where it is.");
        else if (address.Length > 0 && name.Length > 0) self = MemberSetting.OfJoining(name, address, errors);
        // A list that is wrong in itself says nothing about who is missing from it.
        if (errors.Count == before && members.Count == 0 && !errors.Contains("dynamo.cluster must be a group of settings."))
            errors.Add(
                "dynamo.cluster.members is empty; it must name the first members, such as [\"node1@127.0.0.1:9001\"].");
        else if (errors.Count == before && self is null && name.Length > 0)
            errors.Add(
                $"dynamo.node.name is \"{name}\", which is none of dynamo.cluster.members; a node that is to join them later "
                + "needs dynamo.node.address.");
        List<MemberSetting> contacts = [.. reader.Entries("dynamo.node.contacts")
            .Select(entry => MemberSetting.Read(entry, errors, "dynamo.node.contacts")).OfType<MemberSetting>()];
        var partitions = reader.Number("dynamo.cluster.partitions", PartitionId.MinCount, PartitionId.MaxCount);
        var target = reader.Number("dynamo.cluster.target-n-val", 1, BucketProperties.MaxNVal);
        var founding = Found(reader, (int)partitions, (int)target, members, errors);
        var engine = reader.Choice("dynamo.storage.engine", "sqlite", "buffered", "memory");
        var memory = engine == "memory";
        var storage = ReadStorage(reader, isBuffered: engine == "buffered");
        var akka = ReadAkka(reader, self, memory ? "" : Path.Combine(storage.Folder, "journal.db"), errors);
        var settings = ReadSettings(reader, errors);
        var token = TokenSetting.Read(reader, errors);
        var httpCertificate = ReadCertificate(reader, "dynamo.http.tls", errors);
        var httpHost = reader.Required("dynamo.http.host");
        var httpPort = reader.Number("dynamo.http.port", 0, 65535);
        var concurrent = reader.Number("dynamo.http.max-concurrent", 1, 1_000_000);
        var drain = reader.Duration("dynamo.http.drain-timeout", TimeSpan.Zero, TimeSpan.FromHours(1));
        reader.Choice("dynamo.log.akka", "error", "warning", "info", "debug");
        reader.Choice("dynamo.log.format", "text", "json");
        var traceKeys = reader.Switch("dynamo.trace.keys");
        var rehearses = reader.Switch("dynamo.node.rehearsal");
        var key = reader.Text("dynamo.cluster.key");
        if (founding is null || akka is null) return null;
        return new NodeConfig
        {
            Node = new DynamoActorOptions
            {
                Self = self!.Member.Node,
                Founding = founding,
                Endpoints = members.Append(self).Concat(contacts).DistinctBy(static m => m.Member.Node)
                    .ToImmutableSortedDictionary(static m => m.Member.Node, static m => m.Endpoint),
                Contacts = [.. contacts.Select(static m => m.Member.Node).Distinct()],
                ClusterKey = key,
                TraceKeys = traceKeys,
                Settings = settings,
            },
            Akka = akka,
            Storage = memory ? null : storage,
            HttpHost = httpHost,
            HttpPort = (int)httpPort,
            HttpToken = token,
            HttpCertificate = httpCertificate.Length == 0 ? null : httpCertificate,
            HttpCertificatePassword = reader.Text("dynamo.http.tls.password"),
            HttpMaxConcurrent = (int)concurrent,
            HttpDrainTimeout = drain,
            Rehearses = rehearses,
            Hocon = config,
        };
    }

    private static Founding? Found(
        SettingsReader reader, int partitions, int target, List<MemberSetting> members, List<string> errors)
    {
        var name = reader.Required("dynamo.cluster.name");
        if (partitions > 0 && !PartitionId.IsValidCount(partitions))
            errors.Add($"dynamo.cluster.partitions is {partitions}; it must be a power of two, 8 to 65536.");
        if (errors.Count > 0) return null;
        var ring = members.Select(static m => m.Member);
        if (Founding.TryCreate(name, partitions, target, ring, out var founding, out var error)) return founding;
        errors.Add($"dynamo.cluster cannot be used: {error}");
        return null;
    }

    private static SqliteOptions ReadStorage(SettingsReader reader, bool isBuffered)
    {
        var buffer = new BufferLimits
        {
            MaxWrites = (int)reader.Number("dynamo.storage.buffer.max-writes", 1, 32_768),
            MaxBytes = reader.Size("dynamo.storage.buffer.max-bytes", 64 << 10, 128 << 20),
        };
        return new SqliteOptions
        {
            Folder = reader.Required("dynamo.storage.folder"),
            Sync = reader.Choice("dynamo.storage.sync", "full", "process") == "full" ? SyncMode.Full : SyncMode.Process,
            CacheBytes = reader.Size("dynamo.storage.cache", 64 << 10, 64L << 30),
            RowCacheBytes = reader.Size("dynamo.storage.row-cache", 0, 64L << 30),
            MaxBatch = (int)reader.Number("dynamo.storage.max-batch", 1, 100_000),
            Buffer = isBuffered ? buffer : null,
        };
    }

    private static AkkaSettings? ReadAkka(
        SettingsReader reader, MemberSetting? self, string journal, List<string> errors)
    {
        var host = reader.Text("dynamo.remote.host");
        var port = (int)reader.Number("dynamo.remote.port", 0, 65535);
        var bindHost = reader.Text("dynamo.remote.bind-host");
        var certificate = ReadCertificate(reader, "dynamo.remote.tls", errors);
        var verify = reader.Switch("dynamo.remote.tls.verify-dialled");
        if (self is null) return null;
        return new AkkaSettings
        {
            Self = self.Member.Node,
            Host = host.Length > 0 ? host : self.Endpoint.Host,
            Port = port > 0 ? port : self.Endpoint.Port,
            BindHost = bindHost,
            JournalFile = journal,
            TlsCertificate = certificate,
            TlsPassword = reader.Text("dynamo.remote.tls.password"),
            TlsVerifies = verify,
        };
    }

    // The file of a group of TLS settings, tried out; "" where TLS is off.
    private static string ReadCertificate(SettingsReader reader, string group, List<string> errors)
    {
        var file = reader.Text($"{group}.certificate");
        if (!reader.Switch($"{group}.enabled")) return "";
        if (file.Length == 0) errors.Add($"{group}.certificate is not set, and TLS is enabled.");
        else if (CertificateFile.Read(file, reader.Text($"{group}.password"), DateTimeOffset.UtcNow, out var error) is { } good) good.Dispose();
        else errors.Add($"{group}.certificate is \"{file}\", which {error}.");
        return file;
    }

    private static NodeSettings ReadSettings(SettingsReader reader, List<string> errors)
    {
        var millisecond = TimeSpan.FromMilliseconds(1);
        var (second, year) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
        var settings = new NodeSettings
        {
            RequestTimeout = reader.Duration("dynamo.requests.timeout", millisecond, TimeSpan.FromHours(1)),
            ReplicaTimeout = reader.Duration("dynamo.requests.replica-timeout", millisecond, TimeSpan.FromMinutes(1)),
            MaxRequestsInFlight = (int)reader.Number("dynamo.requests.max-in-flight", 1, 1_000_000),
            MinRequestsInFlight = (int)reader.Number("dynamo.requests.min-in-flight", 1, 1_000_000),
            QueueTarget = reader.Duration("dynamo.requests.queue-target", millisecond, TimeSpan.FromMinutes(1)),
            MaxStoreBacklog = (int)reader.Number("dynamo.storage.max-backlog", 1, 65_536),
            BackgroundTarget = reader.Duration("dynamo.background.queue-target", millisecond, TimeSpan.FromMinutes(1)),
            MaxValueBytes = (int)reader.Size("dynamo.requests.max-value-bytes", 1, 16 << 20),
            ListPageKeys = (int)reader.Number("dynamo.requests.list-page-keys", 1, 100_000),
            SiblingsWarn = (int)reader.Number("dynamo.siblings.warn", 1, 4096),
            SiblingsMax = (int)reader.Number("dynamo.siblings.max", 1, 4096),
            MaxRecordBytes = reader.Size("dynamo.siblings.max-record-bytes", 1, 1 << 30),
            LeaseBlock = (int)reader.Number("dynamo.storage.lease-block", 1, 1_000_000),
            MaxHintsPerOwner = reader.Number("dynamo.handoff.max-hints", 0, 100_000_000),
            HandoffWindow = (int)reader.Number("dynamo.handoff.window", 1, 10_000),
            HandoffPerSecond = (int)reader.Number("dynamo.handoff.per-second", 1, 1_000_000),
            SyncEvery = reader.DurationOrOff("dynamo.anti-entropy.round", second, year),
            SyncAfterReturn = reader.Duration("dynamo.anti-entropy.after-return", TimeSpan.Zero, TimeSpan.FromHours(1)),
            SyncPause = reader.Duration("dynamo.anti-entropy.pause", TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            SyncWindow = (int)reader.Number("dynamo.anti-entropy.window", 1, 10_000),
            SyncKeysPerSecond = (int)reader.Number("dynamo.anti-entropy.keys-per-second", 1, 1_000_000),
            TreeExpiry = reader.Duration("dynamo.anti-entropy.tree-expiry", second, year),
            ReapEvery = reader.DurationOrOff("dynamo.tombstones.reap-every", second, TimeSpan.FromDays(1)),
            ReapAfter = reader.Duration("dynamo.tombstones.reap-after", TimeSpan.Zero, year),
            ReapBatch = (int)reader.Number("dynamo.tombstones.batch", 1, 10_000),
            FenceEvery = reader.Duration("dynamo.tombstones.fence-every", 10 * millisecond, TimeSpan.FromMinutes(1)),
            PruneAbove = (int)reader.Number("dynamo.tombstones.shorten-clocks-above", 1, 10_000),
            TruncateAsPaper = reader.Choice("dynamo.tombstones.truncate-clocks", "safe", "paper") == "paper",
            PingEvery = reader.Duration(
                "dynamo.failure-detector.ping-every", 10 * millisecond, TimeSpan.FromMinutes(1)),
            SuspectAfter = (int)reader.Number("dynamo.failure-detector.suspect-after", 1, 100),
            GossipEvery = reader.Duration("dynamo.gossip.every", 10 * millisecond, TimeSpan.FromHours(1)),
        };
        if (settings.MaxRecordBytes < settings.MaxValueBytes)
            errors.Add(
                "dynamo.siblings.max-record-bytes is below dynamo.requests.max-value-bytes, so that the largest value could not be put.");
        return settings;
    }
}
