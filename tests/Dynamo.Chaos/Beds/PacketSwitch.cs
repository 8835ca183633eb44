using System.Diagnostics;
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
/// A packet waits once, for the delay of its line, whichever way it goes. The thread of the port that it came from lets it go; it runs
/// before the threads of all programs, since how long a link takes is no matter of how busy the processors are.
/// </remarks>
internal sealed class PacketSwitch : IDisposable
{
    private const int MaxPacket = 65_536, MinHeader = 20, DestinationAt = 19;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);
    private readonly int[] _files;
    private readonly Line[,] _lines;
    private readonly List<Thread> _threads = [];
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
    }

    /// <summary>How many packets were carried and how many lost on purpose.</summary>
    public (long Carried, long Lost) Counts => (Interlocked.Read(ref _carried), Interlocked.Read(ref _lost));

    /// <summary>Sets what happens from one node to another.</summary>
    public void Set(int from, int to, Line line) => Volatile.Write(ref _lines[from, to], line);

    /// <summary>Sets what happens from everyone to everyone.</summary>
    public void SetAll(Line line)
    {
        for (var from = 0; from < _files.Length; from++)
            for (var to = 0; to < _files.Length; to++) Set(from, to, line);
    }

    /// <summary>Everything arrives again.</summary>
    public void HealAll() => SetAll(Line.Good);

    public void Dispose()
    {
        _closing = true;
        foreach (var thread in _threads) thread.Join();
        foreach (var file in _files) Kernel.Close(file);
    }

    private void Start(Action loop)
    {
        var thread = new Thread(() =>
        {
            Kernel.RunFirst();
            loop();
        }) { IsBackground = true, Name = "switch" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Carry(int from, Prng random)
    {
        var packet = new byte[MaxPacket];
        var delayed = new PriorityQueue<(int To, byte[] Packet), long>();
        while (!_closing)
        {
            var wait = delayed.TryPeek(out _, out var first) ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), first) : LongestWait;
            var length = Kernel.ReadPacket(_files[from], packet, wait < LongestWait ? wait : LongestWait);
            if (length > 0) Take(from, packet.AsSpan(0, length), delayed, random);
            while (delayed.TryPeek(out var next, out var due) && due <= Stopwatch.GetTimestamp())
            {
                delayed.Dequeue();
                Kernel.WritePacket(_files[next.To], next.Packet, next.Packet.Length);
            }
        }
    }

    private void Take(int from, ReadOnlySpan<byte> packet, PriorityQueue<(int To, byte[] Packet), long> delayed, Prng random)
    {
        // Of IPv6 a new device says a few words to nobody.
        if (packet.Length < MinHeader || packet[0] >> 4 != 4) return;
        var to = packet[DestinationAt] - 1;
        if (to < 0 || to >= _files.Length) return;
        var line = Volatile.Read(ref _lines[from, to]);
        if (line.Loss > 0 && random.Chance(line.Loss))
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        Interlocked.Increment(ref _carried);
        var jitter = TimeSpan.FromMilliseconds(random.Below(1 + (int)line.Jitter.TotalMilliseconds));
        delayed.Enqueue((to, packet.ToArray()), Stopwatch.GetTimestamp() + (long)((line.Delay + jitter).TotalSeconds * Stopwatch.Frequency));
    }
}
