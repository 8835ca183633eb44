using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>One request of a client on its way: which nodes were asked and what they said.</summary>
internal sealed class RoutedRequest(ulong id, ClientRequest request, Key key, Instant deadline, object asker)
{
    /// <summary>Bits of a correlation number that tell the attempts of one request apart.</summary>
    public const int AttemptBits = 4;

    private readonly List<Attempt> _attempts = new(1);

    public ulong Id { get; } = id;

    public ClientRequest Request { get; } = request;

    public Key Key { get; } = key;

    public Instant Deadline { get; } = deadline;

    public object Asker { get; } = asker;

    /// <summary>The node to ask first while it is healthy; <c>default</c> for the first of the preference list.</summary>
    public NodeId First { get; init; }

    /// <summary>The last refusal of a node that had not begun; null when there was none.</summary>
    public Outcome? Refusal { get; private set; }

    public bool IsWrite => Request is not GetRequest;

    public int AttemptCount => _attempts.Count;

    /// <summary>When the router looks at it next; other times that are queued for it are out of date.</summary>
    public Instant NextLook { get; set; }

    /// <summary>
    /// Whether some node was sent the request and has not refused it: a write may have taken effect there.
    /// </summary>
    public bool IsOpen => _attempts.Exists(static a => !a.Refused);

    /// <summary>The attempt that is waited for.</summary>
    public Attempt Last => _attempts[^1];

    public bool HasAsked(NodeId node) => _attempts.Exists(a => a.Node == node);

    /// <summary>Whether an answer can still be hoped for from a node that <paramref name="isAlive"/>.</summary>
    public bool AwaitsAny(Func<NodeId, bool> isAlive) => _attempts.Exists(a => !a.Refused && isAlive(a.Node));

    /// <summary>Notes that a node is sent the request; the correlation number to send it with.</summary>
    public ulong Begin(NodeId node, NodeDirectory.Health health, Instant now)
    {
        health.UnderWay++;
        _attempts.Add(new Attempt(node, health, now));
        return (Id << AttemptBits) | (uint)(_attempts.Count - 1);
    }

    /// <summary>Notes that the node of an attempt has answered, whatever it has said.</summary>
    public void OnAnswer(ulong correlation) => Find(correlation)?.Settle();

    /// <summary>Notes that no answer is waited for any more.</summary>
    public void Settle()
    {
        foreach (var attempt in _attempts) attempt.Settle();
    }

    /// <summary>Notes that the node of an attempt has refused before it began.</summary>
    public void Refuse(ulong correlation, Outcome refusal)
    {
        if (Find(correlation) is not { } attempt) return;
        attempt.Refused = true;
        Refusal = refusal;
    }

    /// <summary>
    /// Whether the request, sent a second time, cannot harm more than <paramref name="policy"/> allows.
    /// </summary>
    public bool MayResend(ResendPolicy policy) => Request switch
    {
        GetRequest => true,
        // It covers what the node reads when it arrives: late, that may be a value nobody meant to delete.
        DeleteRequest { Context.IsEmpty: true } => false,
        DeleteRequest => policy != ResendPolicy.Never,
        PutRequest put => policy == ResendPolicy.Always || (policy == ResendPolicy.WithContext && !put.Context.IsEmpty),
        // An increment among them, which would count twice.
        _ => false,
    };

    private Attempt? Find(ulong correlation) =>
        (int)(correlation & ((1 << AttemptBits) - 1)) is var attempt && attempt < _attempts.Count ? _attempts[attempt] : null;

    /// <summary>One sending.</summary>
    internal sealed class Attempt(NodeId node, NodeDirectory.Health health, Instant sent)
    {
        private bool _isSettled;

        public NodeId Node { get; } = node;

        public Instant Sent { get; } = sent;

        public bool Refused { get; set; }

        /// <summary>It is not under way any more.</summary>
        public void Settle()
        {
            if (!_isSettled) health.UnderWay--;
            _isSettled = true;
        }
    }
}
