using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.Remote;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>
/// A Dynamo cluster, as another actor system sees it: gets, puts and deletes that go straight to a replica.
/// Thread-safe.
/// </summary>
/// <remarks>
/// It asks a contact for the ring, refreshes it every ten seconds, and sends each request to an owner of its key, the first that
/// is reachable and not held up; so it saves the hop that a request to any other node costs. Every task ends with an answer that says how
/// the request ended; a task fails only when the application's own <see cref="Resolver"/> does.
/// <code>
/// var system = ActorSystem.Create("shop", config.WithFallback(DynamoClient.DefaultConfig()));
/// var client = DynamoClient.Start(system, new DynamoClientOptions { Contacts = ["127.0.0.1:18098"] });
/// var read = await client.Get("carts", "alice");
/// await client.Put("carts", "alice", "milk"u8.ToArray(), read.Context);
/// </code>
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.5 and 6.4 (the partition-aware client).
/// </remarks>
public sealed class DynamoClient : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly OpenQuestions _questions;
    private readonly ImmutableSortedDictionary<string, Resolver> _resolvers;

    private DynamoClient(IActorRef actor, OpenQuestions questions, DynamoClientOptions options)
    {
        Actor = actor;
        _questions = questions;
        _resolvers = options.Resolvers.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>
    /// The client's actor, for those who would rather tell it <see cref="Client.Get"/>, <see cref="Client.Put"/> and
    /// <see cref="Client.Delete"/>.
    /// </summary>
    public IActorRef Actor { get; }

    /// <summary>
    /// What the client asks of an actor system; make it the last fallback of the application's configuration.
    /// </summary>
    /// <remarks>
    /// Akka.Remote on a free port of 127.0.0.1, the serializers of the client's messages, and no JSON that makes any
    /// type a sender names.
    /// </remarks>
    public static Config DefaultConfig()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("client.conf")!;
        using var reader = new StreamReader(file);
        return ConfigurationFactory.ParseString(reader.ReadToEnd())
            .WithFallback(ConfigurationFactory.ParseString(ClientProtocol.Hocon))
            .WithFallback(ClusterClientReceptionist.DefaultConfig())
            .WithFallback(DistributedPubSub.DefaultConfig());
    }

    /// <summary>
    /// The HOCON for a cluster whose nodes speak TLS, to be put before <see cref="DefaultConfig"/>; the certificate is what this actor
    /// system shows to whoever connects to it.
    /// </summary>
    /// <param name="certificate">A PKCS #12 file with a certificate and its private key.</param>
    /// <param name="password">The file's password; "" for none.</param>
    /// <param name="verifyDialled">
    /// Whether to speak only to nodes whose certificate this machine trusts and that bears the first DNS name of this one.
    /// </param>
    public static Config TlsConfig(string certificate, string password = "", bool verifyDialled = false)
    {
        return ConfigurationFactory.ParseString($$"""
            akka.remote.dot-netty.tcp {
              transport-class = "{{ClientProtocol.AkkaTransport}}"
              enable-ssl = true
              ssl {
                suppress-validation = {{(verifyDialled ? "off" : "on")}}
                certificate.path = {{Quoted(certificate)}}
                certificate.password = {{Quoted(password)}}
              }
            }
            """);

        static string Quoted(string text) =>
            $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>
    /// Starts a client in an actor system. It returns at once; requests wait until a contact has told the ring.
    /// </summary>
    /// <param name="system">An actor system with <see cref="DefaultConfig"/> among its settings.</param>
    /// <param name="options">Where the cluster is, times and limits.</param>
    /// <exception cref="ArgumentException">The options are wrong, or the actor system lacks the settings.</exception>
    public static DynamoClient Start(ActorSystem system, DynamoClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        if (((ExtendedActorSystem)system).Provider is not IRemoteActorRefProvider provider
            || system.Serialization.FindSerializerForType(typeof(ClientRequests)) is not ClientSerializer)
            throw new ArgumentException(
                "The actor system cannot speak to Dynamo: make it with .WithFallback(DynamoClient.DefaultConfig()).",
                nameof(system));
        var contacts = options.Check(provider.DefaultAddress);
        var questions = new OpenQuestions();
        var props = Props.Create(() => new ClientActor(options, contacts, questions)).WithDeploy(Deploy.Local)
            .WithDispatcher(ClientProtocol.Dispatcher);
        var actor = system.ActorOf(props);
        return new DynamoClient(actor, questions, options);
    }

    /// <summary>Reads a key.</summary>
    /// <param name="bucket">The bucket, 1..255 bytes.</param>
    /// <param name="key">The key, 1..4096 bytes.</param>
    /// <param name="options">Overrides of the bucket's properties.</param>
    /// <param name="writeBack">
    /// Whether siblings that the bucket's resolver has merged are replaced by the merged value in the store; without a
    /// resolver it does nothing.
    /// </param>
    /// <param name="coordinate">
    /// Whether the client coordinates it without a node in between; <see cref="DynamoClientOptions.CoordinateGets"/> when null.
    /// </param>
    public Task<ReadAnswer> Get(
        string bucket, string key, GetOptions? options = null, bool writeBack = false, bool? coordinate = null) =>
        Get(Key.Of(bucket, key), options, writeBack, coordinate);

    /// <inheritdoc cref="Get(string,string,GetOptions,bool,bool?)"/>
    public async Task<ReadAnswer> Get(Key key, GetOptions? options = null, bool writeBack = false, bool? coordinate = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        var question = new Question(new GetRequest(key, options ?? GetOptions.None), coordinate);
        var outcome = await _questions.Ask(question, Actor);
        if (outcome is not Found { Siblings.Length: > 1 } found
            || !_resolvers.TryGetValue(key.Bucket, out var resolver))
            return new ReadAnswer(key, outcome);
        var merged = resolver(key, found.Siblings);
        if (!writeBack) return new ReadAnswer(key, outcome, merged);
        var written = await Put(key, merged, found.Context);
        return new ReadAnswer(key, outcome, merged) { WrittenBack = written.Outcome };
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="bucket">The bucket, 1..255 bytes.</param>
    /// <param name="key">The key, 1..4096 bytes.</param>
    /// <param name="body">The bytes; not changed afterwards.</param>
    /// <param name="context">
    /// The token that a get of this key returned: the put replaces what it covers. Empty makes it a concurrent write.
    /// </param>
    /// <param name="options">Overrides of the bucket's properties.</param>
    public Task<WriteAnswer> Put(
        string bucket, string key, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> context = default,
        PutOptions? options = null) =>
        Put(Key.Of(bucket, key), new Value { Body = body }, context, options);

    /// <summary>Writes a value.</summary>
    /// <inheritdoc cref="Put(string,string,ReadOnlyMemory{byte},ReadOnlyMemory{byte},PutOptions)"/>
    public async Task<WriteAnswer> Put(
        Key key, Value value, ReadOnlyMemory<byte> context = default, PutOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var request = new PutRequest(key, context, value, options ?? PutOptions.None);
        return new WriteAnswer(key, await _questions.Ask(new Question(request), Actor));
    }

    /// <summary>Deletes a key.</summary>
    /// <param name="bucket">The bucket, 1..255 bytes.</param>
    /// <param name="key">The key, 1..4096 bytes.</param>
    /// <param name="context">
    /// The token that a get of this key returned; empty covers what the node reads at that moment.
    /// </param>
    /// <param name="options">Overrides of the bucket's properties.</param>
    public Task<WriteAnswer> Delete(
        string bucket, string key, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        Delete(Key.Of(bucket, key), context, options);

    /// <inheritdoc cref="Delete(string,string,ReadOnlyMemory{byte},PutOptions)"/>
    public async Task<WriteAnswer> Delete(Key key, ReadOnlyMemory<byte> context = default, PutOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        var request = new DeleteRequest(key, context, options ?? PutOptions.None, GetOptions.None);
        return new WriteAnswer(key, await _questions.Ask(new Question(request), Actor));
    }

    /// <summary>Adds to a counter.</summary>
    /// <remarks>
    /// Acknowledged, it counts exactly once. A failure that may take effect counts once or not at all, so whoever tries again
    /// may count twice; the client itself never does.
    /// </remarks>
    /// <param name="bucket">The bucket, 1..255 bytes; it must keep siblings.</param>
    /// <param name="key">The key, 1..4096 bytes.</param>
    /// <param name="delta">What to add; negative takes away.</param>
    /// <param name="options">Overrides; with ReturnBody the answer has a <see cref="WriteAnswer.Count"/>.</param>
    public Task<WriteAnswer> Increment(string bucket, string key, long delta = 1, PutOptions? options = null) =>
        Increment(Key.Of(bucket, key), delta, options);

    /// <inheritdoc cref="Increment(string,string,long,PutOptions)"/>
    public async Task<WriteAnswer> Increment(Key key, long delta = 1, PutOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        var request = new IncrementRequest(key, delta, options ?? PutOptions.None);
        return new WriteAnswer(key, await _questions.Ask(new Question(request), Actor));
    }

    /// <summary>
    /// Stops the client; requests under way end at once, writes among them as time-outs that may take effect.
    /// </summary>
    public async ValueTask DisposeAsync() => await Actor.GracefulStop(StopPatience);
}
