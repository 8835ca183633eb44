using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Decides what becomes of each message: when it arrives, how often, or that it is lost.</summary>
/// <remarks>A link is cut while at least one fault cuts it, so faults may overlap and heal one by one.</remarks>
internal sealed class SimulatedNetwork
{
    private readonly SimulationEnvironment _environment;
    private readonly Prng _random;
    private readonly int _places;
    private readonly int[] _cuts;
    private readonly bool[] _isSlow;
    private bool _healed;

    public SimulatedNetwork(SimulationEnvironment environment, Prng random)
    {
        _environment = environment;
        _random = random;
        // With room for those who come later.
        _places = environment.Nodes + environment.Newcomers;
        _cuts = new int[_places * _places];
        _isSlow = new bool[_places];
        for (var i = 0; i < environment.SlowNodes; i++) _isSlow[random.Below(environment.Nodes)] = true;
    }

    /// <summary>Whether a message from one node to another is lost on its way.</summary>
    public bool IsCut(int from, int to) => _cuts[(from * _places) + to] > 0;

    /// <summary>How many times longer everything takes at a node.</summary>
    public int Slowness(int node) => _isSlow[node] && !_healed ? _environment.Slowness : 1;

    /// <summary>Cuts a link in one direction until <see cref="Join"/>.</summary>
    public void Cut(int from, int to) => _cuts[(from * _places) + to]++;

    /// <summary>Takes one cut away.</summary>
    public void Join(int from, int to)
    {
        ref var cuts = ref _cuts[(from * _places) + to];
        if (cuts > 0) cuts--;
    }

    /// <summary>From now on nothing is lost, doubled or late.</summary>
    public void Heal()
    {
        _healed = true;
        Array.Clear(_cuts);
    }

    /// <summary>How long the copies of a message take, in microseconds.</summary>
    /// <returns>How many arrive, and when; none when it is lost.</returns>
    public (int Copies, long First, long Second) Route(int from, int to)
    {
        if (IsCut(from, to)) return (0, 0, 0);
        if (_healed) return (1, Delay(from, to), 0);
        if (_environment.Loss > 0 && _random.Chance(_environment.Loss)) return (0, 0, 0);
        var first = Delay(from, to) + Straggle();
        return _environment.Doubling > 0 && _random.Chance(_environment.Doubling)
            ? (2, first, Delay(from, to) + Straggle())
            : (1, first, 0);
    }

    private long Delay(int from, int to)
    {
        // The minimum of two draws leans to the short side, with a tail that overtakes often enough to reorder.
        var jitter = (int)_environment.Jitter.TotalMicroseconds * 3;
        var delay = (long)_environment.Latency.TotalMicroseconds + Math.Min(_random.Below(jitter), _random.Below(jitter));
        return delay * Math.Max(Slowness(from), Slowness(to));
    }

    private long Straggle() => _environment.Straggling > 0 && _random.Chance(_environment.Straggling)
        ? _random.Below((int)_environment.LongDelay.TotalMicroseconds)
        : 0;
}
