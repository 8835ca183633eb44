using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Core.Tests;

public class Md5Tests
{
    // Source: RFC 1321, A.5.
    [Theory]
    [InlineData("", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("a", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("abc", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData("message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a")]
    public void Vectors_of_the_RFC(string input, string digest) =>
        Assert.Equal(digest, Hash(Encoding.ASCII.GetBytes(input)).ToString("x32"));

    [Fact]
    public void Agrees_with_the_platform_at_every_length()
    {
        var random = new Prng(1);
        for (var length = 0; length <= 1100; length++)
        {
            var input = Any.Bytes(random, length);
#pragma warning disable CA5351 // The same function, to compare.
            Assert.Equal(Convert.ToHexStringLower(MD5.HashData(input)), Hash(input).ToString("x32"));
#pragma warning restore CA5351
        }
    }

    private static UInt128 Hash(byte[] input)
    {
        // Dirt in the room for the padding must not show.
        var buffer = new byte[Md5.PaddedLength(input.Length)];
        Array.Fill(buffer, (byte)0xEE);
        input.CopyTo(buffer, 0);
        return Md5.Hash(buffer, input.Length);
    }
}
