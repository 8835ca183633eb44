using System.Diagnostics;
using System.Runtime.InteropServices;
using Akka.Actor;
using Dynamo.Actors;
using Dynamo.Http;
using Dynamo.Node;
using Dynamo.Storage;
using Dynamo.Telemetry;

const int clean = 0, failed = 1, wrongConfig = 2, portInUse = 3, folderUnusable = 4;

// Registered first, so that a signal during a slow start stops the node as cleanly as a later one.
var stop = new TaskCompletionSource();
var stoppedAt = 0L;
var oneKeystroke = TimeSpan.FromSeconds(1);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

if (CommandLine.Parse(args, out var error) is not { } command) return Refuse(wrongConfig, error);
if (command.Help) return Say(CommandLine.HelpText);
ActorSystem? system = null;
IStorageEngine? store = null;
SqliteEngine? backup = null;
BackupJob? backups = null;
try
{
    var config = NodeConfig.Load(command.Config, command.Assignments);
    var (self, founding) = (config.Node.Self, config.Node.Founding);
    if (command.Check)
        return Say(command.Json
            ? CheckReport.Of(config)
            : $"The configuration is good: {self} of {founding.Members.Length}, cluster {founding.ClusterId}.");
    if (config.Storage is { } storage) DataFolder.Claim(storage.Folder, "akka", self, founding);
    store = OpenStore();
    backup = config.Storage is null ? null : RestoredFolder.Open(config.Storage.Folder);
    backups = new BackupJob(config.Storage?.Folder, "akka");
    var node = await StartActors();
    var port = new NodePort(node, backups);
    var options = new HttpOptions
    {
        Host = config.HttpHost,
        Port = config.HttpPort,
        BearerToken = config.HttpToken,
        Certificate = config.HttpCertificate,
        CertificatePassword = config.HttpCertificatePassword,
        MaxConcurrentRequests = config.HttpMaxConcurrent,
        MaxValueBytes = config.Node.Settings.MaxValueBytes,
        Log = new HttpLog(said => node.Say(said)),
    };
    foreach (var warning in (string[])[config.Exposure(), options.Warning])
        if (warning.Length > 0) node.Say(new NodeEvent(EventLevel.Warning, EventNames.Exposed, "dynamo.node", warning, ("node", self)));
    await using var http = await DynamoHttp.StartAsync(port, options);
    node.AnnounceHttp(http.Url);
    Say($"{self} listening on {http.Url} ({node.Address})");
    if (config.Rehearses) new Thread(Rehearse) { IsBackground = true, Name = "dynamo-rehearsal" }.Start();
    while (await Task.WhenAny(stop.Task, node.ActorSystem.WhenTerminated, node.LeftBehind, node.StartsOver) is var happened
        && (happened == node.LeftBehind || happened == node.StartsOver))
    {
        // HTTP stays; for the second or two in between, requests are told that the node is not ready.
        await StopActors();
        if (node.StartsOver.IsCompleted)
        {
            store.Dispose();
            if (config.Storage is { } old) SqliteEngine.Delete(old.Folder);
            store = OpenStore();
            store.Enqueue(await node.StartsOver, static _ => { });
        }

        port.Node = node = await StartActors();
        node.AnnounceHttp(http.Url);
    }

    using (var limit = new CancellationTokenSource(config.HttpDrainTimeout)) await http.Drain(limit.Token);
    return stop.Task.IsCompleted ? clean : Refuse(failed, "The actor system has ended by itself.");

    void Rehearse()
    {
#pragma warning disable CA1031 // Without it a node is slower once; nothing that goes wrong in it may end one that serves.
        try
        {
            var folder = config.Storage is { } own ? Path.Combine(own.Folder, "rehearsal") : null;
            Rehearsal.Run(folder);
            // Whoever is no member yet has nothing else to do, and goes on until all that it will do often is compiled well; a member serves meanwhile.
            // When the ring does change, nobody has time for it.
            var isMember = node.Ring.Members.Any(m => m.Node == self);
            JoinRehearsal.Run(folder, isMember ? JoinRehearsal.Few : JoinRehearsal.Enough, HttpJoin.Run, () => !stop.Task.IsCompleted && node.View.Rings is not { Next: not null })
                .GetAwaiter().GetResult();
        }
        catch (Exception fault)
        {
            node.Say(new NodeEvent(
                EventLevel.Warning, EventNames.RehearsalFailed, "dynamo.node", $"The rehearsal has failed: {fault.Message}", ("node", self),
                ("fault", fault.GetType().Name)));
        }
#pragma warning restore CA1031
    }

    IStorageEngine OpenStore() => config.Storage is { } options ? SqliteEngine.Open(options) : new MemoryEngine();

    async Task<DynamoSystem> StartActors()
    {
        system = config.Akka.CreateSystem(config.Hocon);
        var started = await DynamoSystem.StartAsync(system, config.Node, store, backup);
        if (backup is not null) _ = started.Restored.ContinueWith(_ => Discard(), TaskScheduler.Default);
        return started;
    }
}
catch (Exception fault) when (CodeOf(fault) is not failed)
{
    return Refuse(CodeOf(fault), fault.Message);
}
finally
{
    // The HTTP side has been disposed by now: nobody asks any more. The store goes last, after whoever writes to it.
    backups?.Dispose();
    await StopActors();
    backup?.Dispose();
    store?.Dispose();
}

void Discard()
{
    if (Interlocked.Exchange(ref backup, null) is { } read) RestoredFolder.Discard(Path.GetDirectoryName(read.Folder)!, read);
}

async Task StopActors()
{
    if (system is not null) await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
    system = null;
}

void Stop(PosixSignalContext context)
{
    // Not the default, which would end the process at once; but who asks again, and not by the same keystroke, wants just that.
    if (stoppedAt == 0) stoppedAt = Stopwatch.GetTimestamp();
    context.Cancel = Stopwatch.GetElapsedTime(stoppedAt) < oneKeystroke;
    stop.TrySetResult();
}

static int CodeOf(Exception fault) => fault switch
{
    ConfigException => wrongConfig,
    PortException or HttpStartException => portInUse,
    StorageOpenException or DynamoStartException => folderUnusable,
    _ => failed,
};

static int End(TextWriter to, int code, string sentence)
{
    to.WriteLine(sentence);
    return code;
}

static int Refuse(int code, string sentence) => End(Console.Error, code, sentence);

static int Say(string sentence) => End(Console.Out, clean, sentence);
