using Akka.Event;
using Microsoft.Extensions.Logging;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace Dynamo.Node;

/// <summary>Passes what the HTTP side logs to the node's one log.</summary>
internal sealed class HttpLog(Func<ILoggingAdapter> log) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(Level logLevel) => logLevel >= Level.Warning;

    public void Log<TState>(
        Level logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= Level.Error) log().Error(exception, "{0}", formatter(state, exception));
        else if (IsEnabled(logLevel)) log().Warning("{0}", formatter(state, exception));
    }
}
