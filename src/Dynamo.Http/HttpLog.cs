using Dynamo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Dynamo.Http;

/// <summary>Passes what the HTTP side logs, faults of its own, to the node's one log.</summary>
/// <param name="say">The node's log.</param>
public sealed class HttpLog(Action<NodeEvent> say) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var level = logLevel >= LogLevel.Error ? EventLevel.Error : EventLevel.Warning;
        var fault = exception is null ? "" : $"{exception.GetType().Name}: {exception.Message}";
        say(new NodeEvent(level, EventNames.HttpFault, "dynamo.http", formatter(state, exception), ("fault", fault)));
    }
}
