using System.Globalization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Dynamo.Client;
using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks;

/// <summary>Clients over one <see cref="DynamoClient"/> that write their history to standard output, until standard input ends.</summary>
internal static class ClientLoad
{
    public const string Usage = "--contacts HOST:PORT,... --host ADDRESS --clients N --keys N --pause MILLISECONDS --seed N --first N --step N";

    public static async Task<int> Run(Arguments given)
    {
        var config = ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.hostname = \"{given.Text("--host")}\"\nakka.loglevel = ERROR");
        using var system = ActorSystem.Create("load", config.WithFallback(DynamoClient.DefaultConfig()));
        await using var client = DynamoClient.Start(system, new DynamoClientOptions { Contacts = given.List("--contacts") });
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        var book = new LoadBook(given.Number("--first"), given.Number("--step"), (int)given.Number("--keys"), line => output.WriteLine(line.ToJson()));
        using var stop = new CancellationTokenSource();
        var seed = (ulong)given.Number("--seed");
        var pause = TimeSpan.FromMilliseconds(given.Number("--pause"));
        var clients = Enumerable.Range(0, (int)given.Number("--clients"))
            .Select(i => new LoadClient($"client{i + 1}", new ClientTarget(client), book, seed + (ulong)i, pause).Run(stop.Token)).ToList();
        // Whoever started this says that it is enough by closing the input, and so does its death.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        return 0;
    }
}

/// <summary>A cluster, asked through the client library, which chooses the node.</summary>
internal sealed class ClientTarget(DynamoClient client) : ILoadTarget
{
    public int? Node => null;

    public async Task<LoadAnswer> Get(string key)
    {
        var read = await client.Get(LoadBook.Bucket, key);
        return read.IsSuccess
            ? new LoadAnswer(true, null, read.Context, [.. read.Siblings.Select(static s => PutOf(s.Value!))])
            : LoadAnswer.Failed(Sentence(read.Outcome));
    }

    public async Task<LoadAnswer> Put(string key, long value, ReadOnlyMemory<byte> context) => Written(
        await client.Put(LoadBook.Bucket, key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), context));

    public async Task<LoadAnswer> Delete(string key, ReadOnlyMemory<byte> context) =>
        Written(await client.Delete(LoadBook.Bucket, key, context));

    private static LoadAnswer Written(WriteAnswer answer) => answer.IsSuccess
        ? new LoadAnswer(true, null, answer.Context, [], Nothing: answer.Outcome is NotFound)
        : LoadAnswer.Failed(Sentence(answer.Outcome));

    private static string Sentence(Outcome outcome) => $"{outcome.GetType().Name}: {outcome.Sentence}";

    private static long PutOf(Value value) =>
        long.TryParse(Encoding.ASCII.GetString(value.Body.Span), NumberStyles.None, CultureInfo.InvariantCulture, out var put) ? put : 0;
}
