using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Cli.Bench;

/// <summary>A cluster inside this process, in memory: connections are dealt out to its nodes in turn.</summary>
internal sealed class EmbeddedTarget : IBenchTarget, IAsyncDisposable
{
    private readonly EmbeddedCluster _cluster;
    private readonly string _bucket;
    private readonly byte[] _value;

    private EmbeddedTarget(EmbeddedCluster cluster, string bucket, byte[] value) => (_cluster, _bucket, _value) = (cluster, bucket, value);

    /// <summary>Starts it, with a bucket that keeps one version of each key.</summary>
    /// <exception cref="CommandFailure">The bucket's properties could not be set.</exception>
    public static async Task<EmbeddedTarget> Start(string bucket, byte[] value, CancellationToken cancel)
    {
        var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions());
        await cluster.WhenConnected(cancel);
        var refused = await cluster.Nodes[0].Port.SetProperties(bucket, BucketProperties.Standard with { AllowMult = false });
        if (refused.Length == 0) return new EmbeddedTarget(cluster, bucket, value);
        await cluster.DisposeAsync();
        throw new CommandFailure(ExitCode.Failure, refused);
    }

    /// <inheritdoc/>
    public IBenchConnection Connect(int number) => new Connection(this, _cluster.Nodes[number % _cluster.Nodes.Count]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private sealed class Connection(EmbeddedTarget target, EmbeddedMember node) : IBenchConnection
    {
        private ReadOnlyMemory<byte> _context;

        public async ValueTask<Ending> Get(long key)
        {
            var outcome = await node.Get(target._bucket, NameOf(key));
            _context = outcome switch
            {
                Found found => found.Context,
                NotFound notFound => notFound.Context,
                _ => default,
            };
            return EndingOf(outcome);
        }

        public async ValueTask<Ending> Put(long key, bool asRead) =>
            EndingOf(await node.Put(target._bucket, NameOf(key), target._value, asRead ? _context : default));

        // A node ends every request itself when its time is up.
        public void GiveUp(long before)
        {
        }

        public void Dispose()
        {
        }

        private static string NameOf(long key) => $"{key:D10}";

        private static Ending EndingOf(Outcome outcome) => outcome switch
        {
            Found or Stored => Ending.Ok,
            NotFound => Ending.NotFound,
            Overloaded => Ending.Refused,
            Unavailable or NotReady => Ending.Unavailable,
            TimedOut => Ending.TimedOut,
            _ => Ending.Failed,
        };
    }
}
