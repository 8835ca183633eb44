using Dynamo.Core;

namespace Dynamo.Chaos.Beds;

/// <summary>What happens to packets in one direction between two nodes.</summary>
/// <param name="Loss">The share that is lost, 0..1; 1 cuts the direction.</param>
/// <param name="Delay">How long the others take.</param>
/// <param name="Jitter">Up to how much longer; packets may so overtake each other.</param>
internal sealed record Line(double Loss, TimeSpan Delay, TimeSpan Jitter)
{
    public static readonly Line Good = new(0, TimeSpan.Zero, TimeSpan.Zero);
    public static readonly Line Cut = Good with { Loss = 1 };
}

/// <summary>Carries the IP packets between the namespaces, and loses or delays them as it is told, by pair and direction.</summary>
/// <remarks>
/// <code>
///   namespace of node 1                this process                 namespace of node 2
///   TCP -- dyn0 (a TUN device) -- read, line 1 to 2, write -- dyn0 (a TUN device) -- TCP
/// </code>
/// The kernel's own way, a bridge and netem on veth pairs, needs modules that many kernels are built without; a TUN device
/// is nearly everywhere, and goes with the process that holds it. Ports are numbered by the last byte of their address.
/// </remarks>
internal sealed class PacketSwitch : IDisposable
{
    private const int MaxPacket = 65_536, MinHeader = 20, DestinationAt = 19;
    private readonly int[] _files;
    private readonly Line[,] _lines;
    private readonly List<Thread> _threads = [];
    private readonly PriorityQueue<(int To, byte[] Packet), long> _delayed = new();
    private volatile bool _closing;
    private long _carried, _lost;

    /// <summary>A switch over devices that are open already.</summary>
    /// <param name="files">The devices; that of the address ending in i + 1 at place i.</param>
    /// <param name="seed">What losses are drawn from.</param>
    public PacketSwitch(int[] files, ulong seed)
    {
        _files = files;
        _lines = new Line[files.Length, files.Length];
        HealAll();
        for (var port = 0; port < files.Length; port++)
        {
            var (from, random) = (port, new Prng(seed + (ulong)port));
            Start(() => Carry(from, random));
        }

        Start(CarryDelayed);
    }

    /// <summary>How many packets were carried and how many lost on purpose.</summary>
    public (long Carried, long Lost) Counts => (Interlocked.Read(ref _carried), Interlocked.Read(ref _lost));

    /// <summary>Sets what happens from one node to another.</summary>
    public void Set(int from, int to, Line line) => Volatile.Write(ref _lines[from, to], line);

    /// <summary>Everything arrives again.</summary>
    public void HealAll()
    {
        for (var from = 0; from < _files.Length; from++)
            for (var to = 0; to < _files.Length; to++) Set(from, to, Line.Good);
    }

    public void Dispose()
    {
        _closing = true;
        lock (_delayed) Monitor.PulseAll(_delayed);
        foreach (var thread in _threads) thread.Join();
        foreach (var file in _files) Kernel.Close(file);
    }

    private void Start(Action loop)
    {
        var thread = new Thread(() => loop()) { IsBackground = true, Name = "chaos-switch", Priority = ThreadPriority.AboveNormal };
        _threads.Add(thread);
        thread.Start();
    }

    private void Carry(int from, Prng random)
    {
        var packet = new byte[MaxPacket];
        while (!_closing)
        {
            var length = Kernel.ReadPacket(_files[from], packet);
            // Of IPv6 a new device says a few words to nobody.
            if (length < MinHeader || packet[0] >> 4 != 4) continue;
            var to = packet[DestinationAt] - 1;
            if (to < 0 || to >= _files.Length) continue;
            var line = Volatile.Read(ref _lines[from, to]);
            if (line.Loss > 0 && random.Chance(line.Loss))
            {
                Interlocked.Increment(ref _lost);
                continue;
            }

            Interlocked.Increment(ref _carried);
            if (line.Delay == TimeSpan.Zero) Kernel.WritePacket(_files[to], packet, length);
            else Delay(to, packet.AsSpan(0, length).ToArray(), line, random);
        }
    }

    private void Delay(int to, byte[] packet, Line line, Prng random)
    {
        var due = Environment.TickCount64 + (long)line.Delay.TotalMilliseconds + random.Below(1 + (int)line.Jitter.TotalMilliseconds);
        lock (_delayed)
        {
            _delayed.Enqueue((to, packet), due);
            Monitor.Pulse(_delayed);
        }
    }

    private void CarryDelayed()
    {
        while (!_closing)
        {
            (int To, byte[] Packet) next;
            lock (_delayed)
            {
                if (!_delayed.TryPeek(out next, out var due))
                {
                    Monitor.Wait(_delayed);
                    continue;
                }

                if (due - Environment.TickCount64 is > 0 and var left)
                {
                    Monitor.Wait(_delayed, (int)left);
                    continue;
                }

                _delayed.Dequeue();
            }

            Kernel.WritePacket(_files[next.To], next.Packet, next.Packet.Length);
        }
    }
}
