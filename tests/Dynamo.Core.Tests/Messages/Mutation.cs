namespace Dynamo.Core.Tests;

/// <summary>Small damage to valid bytes: what a bug, a bad disk or a bored attacker makes of them.</summary>
internal static class Mutation
{
    private static readonly byte[] Telling = [0x00, 0x01, 0x7F, 0x80, 0xFF];

    public static byte[] Of(Prng random, byte[] valid)
    {
        var bytes = valid.ToList();
        for (var times = 1 + random.Below(3); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Below(bytes.Count);
            switch (random.Below(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    bytes[at] = Telling[random.Below(Telling.Length)];
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next());
                    break;
                case 3:
                    bytes.RemoveAt(at);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, random.Below(16))));
                    break;
                default:
                    bytes[at] += (byte)(random.Chance(0.5) ? 1 : 255);
                    break;
            }
        }

        return [.. bytes];
    }
}
