using System.Text;
using System.Text.RegularExpressions;
using Dynamo.Core;

namespace Dynamo.Fuzz;

/// <summary>A decoder that bytes from outside reach, with what makes such bytes.</summary>
public abstract partial class FuzzTarget
{
    /// <summary>The word that --target names it by.</summary>
    public abstract string Name { get; }

    /// <summary>The classes of inputs and answers that a run of 10,000 or more must have seen, else it was too tame or too wild.</summary>
    public abstract IReadOnlyList<string> Expected { get; }

    /// <summary>The most bytes that may be allocated for an input, or nothing when somebody else sees to that.</summary>
    public virtual long? MostAllocated(int inputBytes) => null;

    /// <summary>Makes an input.</summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="kind">Its class, such as "mutated".</param>
    public abstract byte[] Make(Prng random, out string kind);

    /// <summary>Feeds an input to the decoder.</summary>
    /// <returns>What came of it, such as "read" or "refused".</returns>
    /// <exception cref="FuzzException">The decoder has returned what it must not.</exception>
    public abstract string Try(ReadOnlyMemory<byte> input);

    /// <summary>Fails unless a refusal is a sentence that can be shown.</summary>
    protected static string Refused(string? sentence) =>
        sentence is not null && Sentence().IsMatch(sentence) ? "refused" : throw new FuzzException($"'{sentence}' is no sentence.");

    /// <summary>Random bytes, small ones more often.</summary>
    protected static byte[] Noise(Prng random)
    {
        var bytes = new byte[random.Below(random.Chance(0.1) ? 2000 : 100)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next();
        return bytes;
    }

    /// <summary>Valid bytes, as they are or damaged in one of the ways that a decoder should survive.</summary>
    protected static byte[] Damage(Prng random, byte[] valid, byte[] other, out string kind)
    {
        switch (random.Below(8))
        {
            case 0:
                kind = "valid";
                return valid;
            case 1:
                kind = "cut";
                return valid[..random.Below(Math.Max(1, valid.Length))];
            case 2:
                kind = "length bomb";
                return Bomb(random, valid);
            case 3:
                kind = "spliced";
                return [.. valid[..random.Below(valid.Length + 1)], .. other[random.Below(other.Length + 1)..]];
            case 4:
                kind = "random";
                return Noise(random);
            default:
                kind = "mutated";
                return Core.Tests.Mutation.Of(random, valid);
        }
    }

    // A number that promises more than there is: 2^14 to 2^64.
    private static byte[] Bomb(Prng random, byte[] valid)
    {
        if (valid.Length == 0) return [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        var at = random.Below(valid.Length);
        var length = 2 + random.Below(8);
        var bomb = new byte[length + 1];
        for (var i = 0; i < length; i++) bomb[i] = (byte)(0x80 | random.Below(128));
        bomb[length] = (byte)(1 + random.Below(127));
        return [.. valid[..at], .. bomb, .. valid[Math.Min(valid.Length, at + 1)..]];
    }

    /// <summary>Words in a row, a stray character among them here and there.</summary>
    protected static string Words(Prng random, string[] words, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Below(most + 1); i > 0; i--)
            if (random.Chance(0.1)) text.Append((char)random.Below(random.Chance(0.2) ? 0x3000 : 128));
            else text.Append(words[random.Below(words.Length)]);
        return text.ToString();
    }

    [GeneratedRegex(@"^\S.{3,}", RegexOptions.Singleline)]
    private static partial Regex Sentence();
}

/// <summary>A decoder has returned what it must not; one sentence.</summary>
public sealed class FuzzException(string message) : Exception(message);
