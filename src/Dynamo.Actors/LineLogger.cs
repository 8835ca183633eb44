using Akka.Actor;
using Akka.Event;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// Akka's logger for a node: one line per event on standard output, and only events that an operator would act on.
/// </summary>
/// <remarks>
/// The node's own lines come from sources named <c>dynamo.…</c> and appear from INFO on. Of Akka itself only errors
/// appear: its warnings about a peer that is down come every half second and say what "node3 is unreachable" has said.
/// <c>dynamo.log.format = json</c> writes each line as an object. <c>dynamo.log.akka = debug</c> and <c>akka.loglevel = DEBUG</c> show everything.
/// </remarks>
public sealed class LineLogger : UntypedActor
{
    private const string OwnPrefix = "dynamo.";
    private readonly LogLevel _ofAkka;
    private readonly LogFormat _format;

    /// <summary>A logger with the settings of its actor system.</summary>
    public LineLogger()
    {
        var config = Context.System.Settings.Config;
        _format = config.GetString("dynamo.log.format", "text") == "json" ? LogFormat.Json : LogFormat.Text;
        _ofAkka = config.GetString("dynamo.log.akka", "error") switch
        {
            "debug" => LogLevel.DebugLevel,
            "info" => LogLevel.InfoLevel,
            "warning" => LogLevel.WarningLevel,
            _ => LogLevel.ErrorLevel,
        };
    }

    /// <summary>Hands an event to whatever logs for an actor system.</summary>
    internal static void Say(ActorSystem system, NodeEvent said) => system.EventStream.Publish(said.Level switch
    {
        EventLevel.Error => new Error(null, said.Source, typeof(NodeEvent), said),
        EventLevel.Warning => new Warning(null, said.Source, typeof(NodeEvent), said),
        _ => new Info(null, said.Source, typeof(NodeEvent), said),
    });

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent line:
                Write(line);
                break;
        }
    }

    private static bool IsOfConnections(Type? type) => type?.Namespace is "Akka.Remote" or "Akka.Remote.Transport";

    private void Write(LogEvent line)
    {
        var isOwn = line.LogSource.StartsWith(OwnPrefix, StringComparison.Ordinal);
        if (line.LogLevel() < (isOwn ? LogLevel.InfoLevel : _ofAkka)) return;
        // Lost connections are errors to Akka's supervisors; here they are what the failure detector is for.
        var isOfConnections = IsOfConnections(line.Cause?.GetType()) || IsOfConnections(line.LogClass);
        if (_ofAkka == LogLevel.ErrorLevel && isOfConnections) return;
        Console.Out.WriteLine(EventText.Line(_format, line.Timestamp, line.Message as NodeEvent ?? Of(line, isOwn)));
    }

    // Akka's own lines, and what this program says without a name.
    private static NodeEvent Of(LogEvent line, bool isOwn)
    {
        var level = line.LogLevel() switch
        {
            LogLevel.ErrorLevel => EventLevel.Error,
            LogLevel.WarningLevel => EventLevel.Warning,
            LogLevel.InfoLevel => EventLevel.Info,
            _ => EventLevel.Debug,
        };
        var source = isOwn ? line.LogSource.Split('[', ' ')[0] : line.LogClass.Name;
        var cause = line.Cause is null ? "" : $" ({line.Cause.GetType().Name}: {line.Cause.Message})";
        return new NodeEvent(level, EventNames.Akka, source, $"{line.Message}{cause}");
    }
}
