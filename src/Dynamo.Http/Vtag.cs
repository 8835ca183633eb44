using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The short name of a version: base 62 over a hash of its dot, the same on every node, 22 characters.</summary>
internal static class Vtag
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Length = 22;

    /// <summary>The vtag of one version.</summary>
    public static string Of(Dot dot)
    {
        var node = dot.Replica.Node.Name;
        Span<byte> input = stackalloc byte[16 + Encoding.UTF8.GetMaxByteCount(NodeId.MaxLength)];
        BinaryPrimitives.WriteUInt64BigEndian(input, dot.Replica.Generation);
        BinaryPrimitives.WriteUInt64BigEndian(input[8..], dot.Counter);
        return node.Length > NodeId.MaxLength
            ? Of(Encoding.UTF8.GetBytes($"{dot.Replica.Generation}/{dot.Counter}/{node}"))
            : Of(input[..(16 + Encoding.UTF8.GetBytes(node, input[16..]))]);
    }

    /// <summary>The entity tag's text for what a reader sees: the version's vtag, or one over all siblings' vtags.</summary>
    public static string Of(ImmutableArray<Sibling> siblings) => siblings.Length == 1
        ? Of(siblings[0].Dot)
        : Of(Encoding.ASCII.GetBytes(string.Concat(siblings.Select(static s => Of(s.Dot)))));

    /// <summary>Random base-62 text, for server-made keys and multipart boundaries.</summary>
    public static string Random() => RandomNumberGenerator.GetString(Digits, 27);

    private static string Of(ReadOnlySpan<byte> input)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        var number = BinaryPrimitives.ReadUInt128BigEndian(digest);
        return string.Create(Length, number, static (text, rest) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                (rest, var digit) = UInt128.DivRem(rest, 62);
                text[i] = Digits[(int)digit];
            }
        });
    }
}
