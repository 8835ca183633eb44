using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>Keys and buckets are read from the target as it came, byte for byte.</summary>
public sealed class KeyBytesTests
{
    [Fact]
    public async Task Every_byte_can_be_in_a_key()
    {
        await using var service = await Service.Start();
        var name = Enumerable.Range(1, 255).Select(static b => (byte)b).ToArray();
        var encoded = string.Concat(name.Select(static b => $"%{b:x2}"));
        Assert.Equal(204, (await service.Put($"/buckets/b/keys/{encoded}", "all bytes")).Status);
        Assert.Equal("all bytes", (await service.Ask("GET", $"/buckets/b/keys/{encoded}")).Body);
        Assert.Equal(name, ((PutRequest)service.Node.Requests[0]).Key.Name.ToArray());

        var listed = (await service.Json("/buckets/b/keys?keys=true")).GetProperty("keys")[0].GetString()!;
        Assert.Equal("all bytes", (await service.Ask("GET", $"/buckets/b/keys/{listed}")).Body);
    }

    [Theory]
    [InlineData("/buckets/b/keys/plain", "b", "plain")]
    [InlineData("/buckets/b/keys/a%2Fb%20c", "b", "a/b c")]
    [InlineData("/buckets/a%2Fb/keys/k", "a/b", "k")]
    [InlineData("/buckets/b/keys/a+b", "b", "a+b")]
    [InlineData("/buckets/b/keys/a%2Bb", "b", "a+b")]
    [InlineData("/buckets/b/keys/..", "b", "..")]
    [InlineData("/buckets/b/keys/%2E%2e", "b", "..")]
    [InlineData("/buckets/b/keys/k?w=1", "b", "k")]
    [InlineData("/buckets/b/keys/k%3Fw=1", "b", "k?w=1")]
    [InlineData("/buckets/b/keys/%2525", "b", "%25")]
    [InlineData("/buckets/caf%C3%A9/keys/%e2%82%ac", "café", "€")]
    [InlineData("/buckets/props/keys/props", "props", "props")]
    [InlineData("/riak/b/keys", "b", "keys")]
    [InlineData("/riak/b/a%2Fb", "b", "a/b")]
    [InlineData("http://localhost/buckets/b/keys/k", "b", "k")]
    public async Task Targets_name_keys(string target, string bucket, string key)
    {
        await using var service = await Service.Start();
        Assert.Equal(204, (await service.Put(target, "v")).Status);
        Assert.Equal(Key.Of(bucket, key), ((PutRequest)service.Node.Requests.Single()).Key);
    }

    [Theory]
    [InlineData("/buckets//keys/k", "The bucket is empty")]
    [InlineData("/riak//k", "The bucket is empty")]
    [InlineData("/riak/b/", "The key is empty")]
    [InlineData("/buckets/b/keys/", "The key is empty")]
    [InlineData("/buckets/b/keys/%zz", "The key has a %")]
    [InlineData("/buckets/b/keys/a%2", "The key has a %")]
    [InlineData("/buckets/b%/keys/k", "The bucket has a %")]
    [InlineData("/buckets/%FF/keys/k", "The bucket is not valid UTF-8")]
    public async Task Names_that_are_none_are_400_with_a_sentence(string target, string says)
    {
        await using var service = await Service.Start();
        var answer = await service.Put(target, "v");
        Assert.Equal(400, answer.Status);
        Assert.Contains(says, answer.Body);
        Assert.Empty(service.Node.Requests);
    }

    [Theory]
    [InlineData(255, 4096, 204)]
    [InlineData(256, 1, 400)]
    [InlineData(1, 4097, 400)]
    public async Task Names_have_their_limits_however_they_are_written(int bucketBytes, int keyBytes, int status)
    {
        await using var service = await Service.Start();
        var bucket = string.Concat(Enumerable.Repeat("%62", bucketBytes));
        var key = string.Concat(Enumerable.Repeat("%6b", keyBytes));
        Assert.Equal(status, (await service.Put($"/buckets/{bucket}/keys/{key}", "v")).Status);
    }

    // Kestrel refuses %00 in a path before anybody sees it: such keys are for the other clients.
    [Fact]
    public async Task A_zero_byte_in_a_key_is_refused()
    {
        await using var service = await Service.Start();
        Assert.Equal(400, (await service.Put("/buckets/b/keys/a%00b", "v")).Status);
    }

    [Fact]
    public void Percent_encoding_comes_back()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            Assert.True(Percent.TryDecode(Percent.Encode(bytes), i % 2 == 0, out var back));
            Assert.Equal(bytes, back);
            if (Percent.TryText(bytes, out var text)) Assert.Equal(bytes, Encoding.UTF8.GetBytes(text));
        }
    }

    [Fact]
    public void A_server_made_key_leads_back_to_itself()
    {
        var made = Enumerable.Range(0, 1_000).Select(static _ => Vtag.Random()).ToHashSet();
        Assert.Equal(1_000, made.Count);
        Assert.All(made, static key => Assert.Equal(key, Percent.Encode(Encoding.UTF8.GetBytes(key))));
    }
}
