using Dynamo.Telemetry;

namespace Dynamo.Cli.Up;

/// <summary>The log of an embedded cluster: <c>dynamo.log</c> in its data folder, one line an event of any node.</summary>
internal sealed class EventFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _lines;
    private bool _closed;

    /// <summary>Opens the log in a folder, which is made when there is none.</summary>
    /// <exception cref="CommandFailure">It cannot be written; one sentence says why.</exception>
    public EventFile(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            _lines = new StreamWriter(Path.Combine(folder, "dynamo.log"), append: true) { AutoFlush = true };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failure, $"The log in {folder} cannot be written: {fault.Message}");
        }
    }

    /// <summary>Adds a line; a disk that is full must not stop the nodes, which say so themselves.</summary>
    public void Add(NodeEvent said)
    {
        lock (_lock)
        {
            if (_closed) return;
            try
            {
                _lines.WriteLine(EventText.Line(LogFormat.Text, DateTime.UtcNow, said));
            }
            catch (IOException)
            {
                // What cannot be written is lost.
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            try
            {
                _lines.Dispose();
            }
            catch (IOException)
            {
                // The last line did not fit on the disk.
            }
        }
    }
}
