using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Core.Tests;

/// <summary>Keys that come again are not hashed again, and nobody can tell but by the time it takes.</summary>
public class RecentKeysTests
{
    private const int Names = 40_000;

    [Fact]
    public void A_key_is_kept_when_it_comes_a_second_time_and_found_from_then_on()
    {
        var recent = new RecentKeys();
        Assert.Null(Find(recent, "carts", "alice", out var hash));
        Assert.NotNull(recent.Keep(Key.Of("carts", "alice"), hash));
        Assert.Null(Find(recent, "carts", "alice", out hash));
        var kept = Key.Of("carts", "alice");
        Assert.Same(kept, recent.Keep(kept, hash));
        Assert.Same(kept, Find(recent, "carts", "alice", out _));
        Assert.Null(Find(recent, "cart", "salice", out _));
        Assert.Null(Find(recent, "carts", "alic", out _));
    }

    [Fact]
    public void Names_of_more_than_64_bytes_are_not_kept()
    {
        foreach (var (length, isKept) in new[] { (64, true), (65, false) })
        {
            var recent = new RecentKeys();
            var key = Key.Of("carts", new string('x', length));
            for (var i = 0; i < 2; i++)
            {
                Find(recent, key.Bucket, key.NameText, out var hash);
                recent.Keep(key, hash);
            }

            Assert.Equal(isKept, Find(recent, key.Bucket, key.NameText, out _) is not null);
        }
    }

    // More keys than there are places, the same names in three buckets, from two threads at once. Each comes three times in a row, so that
    // the third finds it however far the threads are apart, unless the other one took its place just then.
    [Fact]
    public async Task Whatever_came_before_a_key_is_what_its_bytes_say()
    {
        var found = 0;
        var recent = new RecentKeys();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < Names; i++)
                foreach (var bucket in new[] { "a", "ab", "b" })
                    for (var time = 0; time < 3; time++)
                    {
                        var name = $"b{(i * 7 + worker) % Names}";
                        if (Find(recent, bucket, name, out var hash) is { } known) Interlocked.Increment(ref found);
                        else known = recent.Keep(Key.Of(bucket, name), hash);
                        Assert.True(known.Bucket == bucket && known.NameText == name, $"Asked for {bucket}/{name}, got {known}.");
                    }
        })));
        Assert.True(found > Names, $"Only {found} keys were found again.");
    }

    [Fact]
    public void The_position_of_a_key_that_comes_again_is_that_of_its_first_time()
    {
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < 2_000; i++)
            {
                byte[] bytes = [1, (byte)'q', .. Encoding.UTF8.GetBytes($"k{i}")];
#pragma warning disable CA5351 // MD5 spreads keys over the ring, as in the paper.
                Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), Key.Of("q", $"k{i}").Position.ToString());
#pragma warning restore CA5351
            }
    }

    private static Key? Find(RecentKeys recent, string bucket, string name, out ulong hash) =>
        recent.Find(Encoding.UTF8.GetBytes(bucket), Encoding.UTF8.GetBytes(name), out hash);
}
