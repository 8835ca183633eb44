namespace Dynamo.Core;

/// <summary>How the keys of a bucket are replicated and read; each operation may override the quorums.</summary>
/// <remarks>A bucket that nobody has configured has <see cref="Standard"/>.</remarks>
public sealed record BucketProperties
{
    /// <summary>The largest <see cref="NVal"/>.</summary>
    public const int MaxNVal = 16;

    /// <summary>What a bucket has until somebody sets it.</summary>
    public static readonly BucketProperties Standard = new();

    /// <summary>N: how many replicas hold each key, 1..16; 3 by default.</summary>
    public int NVal { get; init; } = 3;

    /// <summary>Replicas that must answer a get, 1..N; a quorum by default.</summary>
    public QuorumSize R { get; init; } = QuorumSize.Quorum;

    /// <summary>Replicas, fallbacks included, that must acknowledge a put, 1..N; a quorum by default.</summary>
    public QuorumSize W { get; init; } = QuorumSize.Quorum;

    /// <summary>Owners that must answer a get, 0..N; 0 by default.</summary>
    public QuorumSize PR { get; init; } = QuorumSize.Zero;

    /// <summary>Owners that must be reachable for and acknowledge a put, 0..N; 0 by default.</summary>
    public QuorumSize PW { get; init; } = QuorumSize.Zero;

    /// <summary>Replicas that must hold a put durably before it is acknowledged, 0..N, never above w; a quorum by default.</summary>
    public QuorumSize DW { get; init; } = QuorumSize.Quorum;

    /// <summary>Whether an owner that has no record counts towards R; true by default.</summary>
    public bool NotFoundOk { get; init; } = true;

    /// <summary>With <see cref="NotFoundOk"/> false: answer not found once a quorum has found nothing; false by default.</summary>
    public bool BasicQuorum { get; init; }

    /// <summary>Whether concurrent writes are kept as siblings; true by default. False shows the latest only.</summary>
    public bool AllowMult { get; init; } = true;

    /// <summary>Whether a put replaces all that its coordinator holds; false by default.</summary>
    public bool LastWriteWins { get; init; }

    /// <summary>Whether the coordinator resolves by time rather than keeping siblings.</summary>
    public bool IsLastWriteWins => LastWriteWins || !AllowMult;

    /// <summary>One sentence about what is wrong; "" when the properties can be used.</summary>
    public string Check()
    {
        if (NVal is < 1 or > MaxNVal) return $"n_val is {NVal}; it must be 1 to {MaxNVal}.";
        return CheckSize("r", R, 1, NVal) ?? CheckSize("w", W, 1, NVal) ?? CheckSize("pr", PR, 0, NVal)
            ?? CheckSize("pw", PW, 0, NVal) ?? CheckSize("dw", DW, 0, NVal) ?? "";
    }

    /// <summary>One sentence when a number asked for is out of <paramref name="min"/>..<paramref name="n"/>, else null.</summary>
    public static string? CheckSize(string name, QuorumSize size, int min, int n) =>
        size.Number is { } number && (number < min || number > n)
            ? $"{name} is {number}; it must be {min} to {n}, the bucket's n_val, or one of quorum, all, one, default."
            : null;
}
