using Akka.Actor;
using Akka.Event;

namespace Dynamo.Actors;

/// <summary>
/// Akka's logger for a node: one line per event on standard output, and only events that an operator would act on.
/// </summary>
/// <remarks>
/// The node's own lines come from sources named <c>dynamo.…</c> and appear from INFO on. Of Akka itself only errors
/// appear: its warnings about a peer that is down come every half second and say what "node3 is unreachable" has said.
/// <c>dynamo.log.akka = debug</c> and <c>akka.loglevel = DEBUG</c> show everything.
/// </remarks>
public sealed class LineLogger : UntypedActor
{
    private const string OwnPrefix = "dynamo.";
    private readonly LogLevel _ofAkka;

    /// <summary>A logger with the settings of its actor system.</summary>
    public LineLogger() => _ofAkka = Context.System.Settings.Config.GetString("dynamo.log.akka", "error") switch
    {
        "debug" => LogLevel.DebugLevel,
        "info" => LogLevel.InfoLevel,
        "warning" => LogLevel.WarningLevel,
        _ => LogLevel.ErrorLevel,
    };

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
        var level = line.LogLevel() switch
        {
            LogLevel.ErrorLevel => "ERROR",
            LogLevel.WarningLevel => "WARN ",
            LogLevel.InfoLevel => "INFO ",
            _ => "DEBUG",
        };
        var source = isOwn ? line.LogSource.Split('[', ' ')[0] : line.LogClass.Name;
        var cause = line.Cause is null ? "" : $" ({line.Cause.GetType().Name}: {line.Cause.Message})";
        Console.Out.WriteLine($"{line.Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ} {level} {source}: {line.Message}{cause}");
    }
}
