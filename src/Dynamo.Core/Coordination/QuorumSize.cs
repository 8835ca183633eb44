using System.Globalization;

namespace Dynamo.Core;

/// <summary>How many replicas an operation asks for: a number, or a word that depends on N.</summary>
/// <remarks><c>default</c> is <see cref="Default"/>: whatever the bucket says.</remarks>
public readonly record struct QuorumSize
{
    private readonly int _code;

    private QuorumSize(int code) => _code = code;

    /// <summary>What the bucket's property says; in a bucket's own properties, a quorum.</summary>
    public static readonly QuorumSize Default;

    /// <summary>A majority of N: N/2 + 1.</summary>
    public static readonly QuorumSize Quorum = new(-1);

    /// <summary>All N.</summary>
    public static readonly QuorumSize All = new(-2);

    /// <summary>Exactly one.</summary>
    public static readonly QuorumSize One = Of(1);

    /// <summary>None: the condition always holds.</summary>
    public static readonly QuorumSize Zero = Of(0);

    /// <summary>Whether this is <see cref="Default"/>.</summary>
    public bool IsDefault => _code == 0;

    /// <summary>The number when this is one, else null.</summary>
    public int? Number => _code > 0 ? _code - 1 : null;

    /// <summary>The largest number; no bucket has as many replicas.</summary>
    public const int MaxNumber = 255;

    /// <summary>A number of replicas, 0..255.</summary>
    public static QuorumSize Of(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxNumber);
        return new QuorumSize(count + 1);
    }

    /// <summary>This size, or <paramref name="other"/> when this is <see cref="Default"/>.</summary>
    public QuorumSize Or(QuorumSize other) => IsDefault ? other : this;

    /// <summary>How many replicas that is when <paramref name="n"/> hold the key; <see cref="Default"/> counts as a quorum.</summary>
    public int Resolve(int n) => _code switch
    {
        0 or -1 => n / 2 + 1,
        -2 => n,
        _ => _code - 1,
    };

    /// <summary>Reads "quorum", "all", "one", "default" or a number 0..255.</summary>
    public static bool TryParse(string? text, out QuorumSize size)
    {
        size = text switch { "quorum" => Quorum, "all" => All, "one" => One, _ => Default };
        if (!size.IsDefault || text == "default") return true;
        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        size = Of(number);
        return true;
    }

    /// <summary>The word or the number, as <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => _code switch
    {
        0 => "default",
        -1 => "quorum",
        -2 => "all",
        _ => (_code - 1).ToString(CultureInfo.InvariantCulture),
    };
}
