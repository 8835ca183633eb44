using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>What may be said about a get that the client coordinates.</summary>
internal enum Agreement
{
    /// <summary>Too few owners have spoken.</summary>
    Open,

    /// <summary>As many as asked for say the same.</summary>
    Reached,

    /// <summary>Owners differ, too many of them refuse, or what they say is for a node to judge: a node coordinates the get.</summary>
    Failed,
}

/// <summary>Counts what the owners of a key say, and decides whether it is the answer of the get.</summary>
/// <remarks>
/// The client can compare what owners hold and cannot merge it: a context covers what its maker has seen, and only the cluster makes
/// contexts. So an answer that R owners agree on is the answer that a node would give that has heard those R, and where the first
/// ones differ a node asks them again, merges and repairs. Nothing that was heard before the answer is left out of it.
/// <code>
///   v7 v7      R = 2: v7                       v7 v8      a node merges
///   v7 no      refusals count as silence       v7 no no   a node finds fallbacks
///   v7 v7 v6   v7, and the third is repaired   N R differ a bucket's properties are on their way round: a node judges
/// </code>
/// </remarks>
/// <param name="asked">How many owners are asked.</param>
internal sealed class OwnerAgreement(int asked)
{
    private readonly bool[] _spoken = new bool[asked];
    private ReadQuorum? _quorum;
    private ulong _versions;
    private int _waiting = asked;
    private int _agreeing;

    public Agreement State { get; private set; }

    /// <summary>The answer once agreement is reached; until then, what an owner has shown, or null; null after <see cref="LetGo"/>.</summary>
    public Outcome? Answer { get; private set; }

    /// <summary>Whether an owner has said something else than what was agreed on.</summary>
    public bool IsStale { get; private set; }

    /// <summary>Whether every owner has spoken.</summary>
    public bool IsComplete => _waiting == 0;

    /// <summary>The counts, once an owner has named them.</summary>
    public ReadQuorum? Quorum => _quorum;

    /// <summary>Owners that say what the first one says.</summary>
    public int Agreeing => _agreeing;

    public bool HasSpoken(int owner) => _spoken[owner];

    /// <summary>An owner has spoken; anything but <see cref="OwnerRead"/> is a refusal, and only its first word counts.</summary>
    public void On(int owner, Outcome word)
    {
        if ((uint)owner >= (uint)_spoken.Length || _spoken[owner]) return;
        _spoken[owner] = true;
        _waiting--;
        if (word is OwnerRead read)
        {
            if (_quorum is null) (_quorum, _versions) = (read.Quorum, read.Versions);
            var same = read.Versions == _versions;
            if (State == Agreement.Reached) IsStale |= !same;
            if (State != Agreement.Open) return;
            if (!same || read.Quorum != _quorum)
            {
                State = Agreement.Failed;
                return;
            }

            _agreeing++;
            Answer ??= read.Shown;
        }

        if (State == Agreement.Open) State = Decide();
    }

    /// <summary>The get is over: the value is let go, and late owners are listened to for what is stale alone.</summary>
    public void LetGo()
    {
        Answer = null;
        if (State == Agreement.Open) State = Agreement.Failed;
    }

    private Agreement Decide()
    {
        if (_quorum is not { } quorum) return _waiting == 0 ? Agreement.Failed : Agreement.Open;
        // Owners that hold nothing do not count then, and when there is nothing is another count.
        if (_versions == 0 && !quorum.NotFoundOk) return Agreement.Failed;
        var needed = Math.Max(1, Math.Max(quorum.R, quorum.PR));
        if (_agreeing >= needed && Answer is not null) return Agreement.Reached;
        // A value too large to be sent by all is shown by one, and that one may have refused.
        var mayBe = _agreeing + _waiting >= needed && (Answer is not null || _waiting > 0);
        return mayBe ? Agreement.Open : Agreement.Failed;
    }
}
