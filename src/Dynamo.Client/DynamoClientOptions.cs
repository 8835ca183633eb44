using System.Collections.Immutable;
using Akka.Actor;

namespace Dynamo.Client;

/// <summary>What a <see cref="DynamoClient"/> must know.</summary>
public sealed record DynamoClientOptions
{
    /// <summary>
    /// Where to find the cluster at first: <c>host:port</c> of some nodes' Akka.Remote, or whole addresses such as
    /// <c>akka.tcp://dynamo@10.0.0.1:9001</c>. One that answers is enough; the ring names the others.
    /// </summary>
    public required IReadOnlyList<string> Contacts { get; init; }

    /// <summary>
    /// Whether the first contact goes through Akka's ClusterClient and the receptionist of the contact, which knows
    /// further nodes, instead of straight to the contact itself; false by default. Requests go straight to the nodes in
    /// either case.
    /// </summary>
    public bool UseClusterClient { get; init; }

    /// <summary>The name of the nodes' actor systems; <c>dynamo</c> unless they were embedded in another.</summary>
    public string SystemName { get; init; } = "dynamo";

    /// <summary>How long a request may take when it does not say, 1 ms..1 h; 10 s by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a node may say nothing at all before another one is asked, 50 ms..1 min; 1 s by default. A node
    /// replaces a silent replica after its own <c>replica-timeout</c> (500 ms), so this should be longer.
    /// </summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the ring is asked for, 100 ms..1 h; 10 s by default [S6.4]. A node that is silent or ahead makes it at
    /// once.
    /// </summary>
    public TimeSpan RingRefresh { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Requests under way at a time, 1..1,000,000; more are refused with <see cref="Core.Overloaded"/>; 10,000 by
    /// default.
    /// </summary>
    public int MaxInFlight { get; init; } = 10_000;

    /// <summary>The most nodes that one request is sent to, 1..16; 5 by default.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>
    /// Whether the client coordinates gets itself, without a node in between; false by default, and each get may say otherwise [S6.4].
    /// </summary>
    /// <remarks>
    /// It asks every owner what it holds and answers when R of them agree, after one round trip instead of two. Where they differ, too few
    /// answer, an owner cannot be reached or the ring is changing, a node coordinates the get as it does without this. The client takes part
    /// in three small requests instead of one, which costs throughput where the processors and not the network are what takes time. Nodes
    /// of a version that does not know such gets drop them, so nodes are updated first.
    /// </remarks>
    public bool CoordinateGets { get; init; }

    /// <summary>Which node a request goes to first, unless the client coordinates it; an owner of its key by default.</summary>
    public RequestRouting Routing { get; init; }

    /// <summary>Which writes may be sent twice when a node is silent.</summary>
    public ResendPolicy Resend { get; init; } = ResendPolicy.WithContext;

    /// <summary>The application's merge functions, bucket to function; none by default.</summary>
    public IReadOnlyDictionary<string, Resolver> Resolvers { get; init; } =
        ImmutableSortedDictionary<string, Resolver>.Empty;

    internal RouterSettings Router => new()
    {
        Timeout = Timeout,
        NodeTimeout = NodeTimeout,
        RingRefresh = RingRefresh,
        MaxInFlight = MaxInFlight,
        MaxAttempts = MaxAttempts,
        Resend = Resend,
        CoordinateGets = CoordinateGets,
        Routing = Routing,
    };

    /// <summary>The contacts' actor systems.</summary>
    /// <param name="own">The client's own address, whose protocol the nodes must speak too.</param>
    /// <exception cref="ArgumentException">Some options are wrong; it says everything at once.</exception>
    internal IReadOnlyList<Address> Check(Address own)
    {
        List<string> errors = [];
        Range(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Range(nameof(NodeTimeout), NodeTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        Range(nameof(RingRefresh), RingRefresh, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Range(nameof(MaxInFlight), MaxInFlight, 1, 1_000_000);
        Range(nameof(MaxAttempts), MaxAttempts, 1, 1 << RoutedRequest.AttemptBits);
        if (Contacts.Count == 0) errors.Add("There are no contacts.");
        var addresses = new List<Address>();
        foreach (var contact in Contacts)
        {
            var isWhole = contact.Contains("://", StringComparison.Ordinal);
            var text = isWhole ? contact : $"{own.Protocol}://{SystemName}@{contact}";
            if (Address.TryParse(text, out var address) && address is { Host: not null, Port: > 0 })
                addresses.Add(address);
            else
                errors.Add($"The contact {contact} is no host:port.");
        }

        return errors.Count == 0 ? addresses : throw new ArgumentException(string.Join(' ', errors));

        void Range<T>(string name, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
                errors.Add($"{name} is {value}; it must be {min} to {max}.");
        }
    }
}
