namespace Dynamo.Storage;

/// <summary>Reading connections: as many as there are reads at one time, kept for the next ones. Thread-safe.</summary>
internal sealed class ReaderPool(string path, SqliteOptions options) : IDisposable
{
    private const int MaxIdle = 32;
    private readonly Lock _lock = new();
    private readonly Stack<ReaderConnection> _idle = [];
    private bool _closed;

    /// <summary>Runs a read on a connection of its own; nothing of the connection may leave it.</summary>
    /// <exception cref="SqliteFailure">The database cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public T Read<T>(Func<ReaderConnection, T> read)
    {
        var connection = Rent();
        var sound = false;
        try
        {
            var result = read(connection);
            sound = true;
            return result;
        }
        finally
        {
            GiveBack(connection, sound);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            while (_idle.TryPop(out var connection)) connection.Dispose();
        }
    }

    private ReaderConnection Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_idle.TryPop(out var connection)) return connection;
        }

        return new ReaderConnection(path, options);
    }

    // A connection on which something went wrong is not used again.
    private void GiveBack(ReaderConnection connection, bool sound)
    {
        lock (_lock)
        {
            if (sound && !_closed && _idle.Count < MaxIdle)
            {
                _idle.Push(connection);
                return;
            }
        }

        connection.Dispose();
    }
}
