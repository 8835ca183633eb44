namespace Dynamo.Cli.Http;

/// <summary>
/// <c>/admin/repair</c>: what anti-entropy has done on a node since its process started, and what is left.
/// </summary>
internal sealed record RepairAnswer(
    string Name, int Pairs, int PairsOfRepair, int PairsLeft, long Exchanges, long Failed, long KeysRepaired);

/// <summary>The repair of one node: begun, then followed until nothing is left of it.</summary>
/// <param name="member">The node.</param>
/// <param name="access">What it asks for, and how it is known.</param>
internal sealed class NodeRepair(MemberAnswer member, NodeAccess? access)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    // A node that hangs must not hold the others' results.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private RepairAnswer? _begun;
    private RepairAnswer? _now;

    /// <summary>The node's name.</summary>
    public string Name => member.Name;

    /// <summary>Pairs of a replica of the node and another owner of the same keys that it began with.</summary>
    public int Pairs => _begun?.PairsOfRepair ?? 0;

    /// <summary>Pairs that are still to be compared; never more than <see cref="Pairs"/>.</summary>
    public int Left => Math.Min(_now?.PairsLeft ?? 0, Pairs);

    /// <summary>Keys on which two owners agree since, and did not before.</summary>
    public long KeysRepaired => Since(static answer => answer.KeysRepaired);

    /// <summary>Comparisons that failed since: a store that cannot be read, or an owner that fell silent.</summary>
    public long Failed => Since(static answer => answer.Failed);

    /// <summary>Whether the node has said that nothing is left.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>
    /// Pairs that were passed over, because their other owner could not be reached when it was their turn.
    /// </summary>
    /// <remarks>
    /// A node counts what it has compared and does not mention what it passes over, so this is what is missing from its
    /// count, and a few less than it was when its own round went on meanwhile.
    /// </remarks>
    public long LeftOut => IsFinished ? Math.Max(0, Pairs - Since(static answer => answer.Exchanges) - Failed) : 0;

    /// <summary>Why there is no result, in one sentence; null while all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What this node's repair makes of the command's exit code.</summary>
    public int Code { get; private set; }

    /// <summary>Begins the repair.</summary>
    public Task Begin(CancellationToken cancel) => Ask(node => Begin(node, cancel));

    /// <summary>Begins the repair and waits for its end.</summary>
    /// <param name="look">Called whenever the node has said how it stands.</param>
    /// <param name="cancel">Ends the waiting, not the repair.</param>
    public Task Run(Action<NodeRepair> look, CancellationToken cancel) => Ask(async node =>
    {
        await Begin(node, cancel);
        look(this);
        while (!IsFinished)
        {
            await Task.Delay(LookEvery, cancel);
            Take(await node.Json<RepairAnswer>("/admin/repair", cancel));
            look(this);
        }

        if (Failed > 0 || LeftOut > 0) Code = ExitCode.Failure;
    });

    private async Task Begin(NodeClient node, CancellationToken cancel) =>
        Take(await node.Json<RepairAnswer>(HttpMethod.Post, "/admin/repair", cancel));

    private async Task Ask(Func<NodeClient, Task> questions)
    {
        try
        {
            if (!Uri.TryCreate(member.Url, UriKind.Absolute, out var url))
                throw new CommandFailure(ExitCode.Unreachable, "Where it serves HTTP is not known.");
            using var node = new NodeClient(url, access, AnswerLimit);
            await questions(node);
        }
        catch (CommandFailure failure)
        {
            (Trouble, Code) = (failure.Message, failure.ExitCode);
        }
    }

    private void Take(RepairAnswer answer)
    {
        _begun ??= answer;
        // Only a process that knows nothing of a repair says that the last one began with no pairs.
        if (answer.PairsOfRepair == 0 && Pairs > 0)
            throw new CommandFailure(ExitCode.Failure, "It was restarted and has forgotten the repair; begin it again.");
        _now = answer;
        IsFinished = answer.PairsLeft == 0;
    }

    private long Since(Func<RepairAnswer, long> count) =>
        _begun is null || _now is null ? 0 : Math.Max(0, count(_now) - count(_begun));
}
