using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Dynamo.Embedded;

namespace Dynamo.Cli.Tests;

/// <summary>certificates create, and a cluster that speaks HTTPS with what it made.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_makes_an_authority_once_and_certificates_that_it_signs_readable_by_their_owner_alone()
    {
        var (code, text, _) = await Run("certificates", "create", "--folder", _folder.Path, "--host", "db1.example.org", "--host", "10.0.0.7", "--days", "30");
        Assert.Equal(0, code);
        Assert.Contains($"certificate = \"{_folder.File("node.pfx")}\"", text, StringComparison.Ordinal);
        Assert.Contains("dynamo.remote.tls {", text, StringComparison.Ordinal);
        Assert.Contains("dynamo.http.tls {", text, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("certs", "create", "--folder", _folder.Path, "--name", "node2")).Code);

        using var authority = X509CertificateLoader.LoadCertificateFromFile(_folder.File("ca.crt"));
        foreach (var name in (string[])["node.pfx", "node2.pfx"])
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(name)));
            using var node = X509CertificateLoader.LoadPkcs12FromFile(_folder.File(name), "");
            Assert.True(node.HasPrivateKey);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            Assert.True(chain.Build(node), string.Join(' ', chain.ChainStatus.Select(static s => s.StatusInformation)));
            Assert.Equal("dynamo-node", node.GetNameInfo(X509NameType.DnsName, false));
        }

        using var first = X509CertificateLoader.LoadPkcs12FromFile(_folder.File("node.pfx"), "");
        Assert.True(first.MatchesHostname("db1.example.org") && first.MatchesHostname("10.0.0.7") && first.MatchesHostname("localhost"));
        Assert.False(first.MatchesHostname("db2.example.org"));
        Assert.InRange(first.NotAfter.ToUniversalTime(), DateTime.UtcNow.AddDays(29), DateTime.UtcNow.AddDays(30));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("ca.pfx")));
    }

    [Fact]
    public async Task Create_overwrites_only_by_force_and_then_keeps_the_authority()
    {
        Assert.Equal(0, (await Run("certificates", "create", "--folder", _folder.Path)).Code);
        var (before, ca) = (await File.ReadAllBytesAsync(_folder.File("node.pfx")), await File.ReadAllBytesAsync(_folder.File("ca.pfx")));
        var (code, text, error) = await Run("certificates", "create", "--folder", _folder.Path);
        Assert.Equal((1, "", $"{_folder.File("node.pfx")} is there already; --force replaces it.\n"), (code, text, error));
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.File("node.pfx")));
        Assert.Equal(0, (await Run("certificates", "create", "--folder", _folder.Path, "--force")).Code);
        Assert.NotEqual(before, await File.ReadAllBytesAsync(_folder.File("node.pfx")));
        Assert.Equal(ca, await File.ReadAllBytesAsync(_folder.File("ca.pfx")));

        await File.WriteAllTextAsync(_folder.File("ca.pfx"), "damaged");
        (code, _, error) = await Run("certificates", "create", "--folder", _folder.Path, "--name", "more");
        Assert.Equal(1, code);
        Assert.StartsWith($"The authority in {_folder.Path} cannot be used: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--days", "0", "--days is 0")]
    [InlineData("--days", "900", "--days is 900")]
    [InlineData("--name", "../x", "--name is '../x'")]
    [InlineData("--name", "ca", "--name is 'ca'")]
    [InlineData("--host", "two words", "'two words' is no host name")]
    public async Task Create_refuses_what_cannot_be(string option, string value, string says)
    {
        var (code, _, error) = await Run("certificates", "create", "--folder", _folder.Path, option, value);
        Assert.Equal(2, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task The_command_speaks_HTTPS_to_nodes_it_trusts_with_a_token_from_a_file()
    {
        Assert.Equal(0, (await Run("certificates", "create", "--folder", _folder.Path)).Code);
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions
        {
            Nodes = 3, Partitions = 16, HttpPort = 0, HttpToken = "s3cret", HttpCertificate = _folder.File("node.pfx"),
        });
        var url = cluster["node1"].Url;
        Assert.StartsWith("https://127.0.0.1:", url, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder.File("token"), "s3cret\n");
        string[] known = ["--url", url, "--token-file", _folder.File("token"), "--ca-file", _folder.File("ca.crt")];
        Assert.Equal(0, (await Run([.. known, "put", "b", "k", "milk"])).Code);
        Assert.Equal((0, "milk", ""), await Run([.. known, "get", "b", "k"]));
        Assert.Equal((0, "milk", ""), await Run("--url", url, "--token", "s3cret", "--insecure", "get", "b", "k"));

        // status asks every node, at the address that the asked one tells.
        var status = await Run([.. known, "status", "--json"]);
        using var document = JsonDocument.Parse(status.Text);
        var nodes = document.RootElement.GetProperty("nodes").EnumerateArray().ToList();
        Assert.Equal(3, nodes.Count);
        foreach (var node in nodes) Assert.StartsWith("https://", node.GetProperty("url").GetString(), StringComparison.Ordinal);

        var (code, _, error) = await Run("--url", url, "--token", "s3cret", "get", "b", "k");
        Assert.Equal(3, code);
        Assert.Contains("is not trusted", error, StringComparison.Ordinal);
        Assert.Contains("--ca-file", error, StringComparison.Ordinal);
        (code, _, error) = await Run("--url", url, "--token", "wrong", "--insecure", "get", "b", "k");
        Assert.Equal(1, code);
        Assert.Contains("bearer token", error, StringComparison.Ordinal);
        Assert.Equal(3, (await Run("--url", url.Replace("https", "http", StringComparison.Ordinal), "get", "b", "k")).Code);
        Assert.Equal(2, (await Run("--url", url, "--ca-file", _folder.File("none"), "get", "b", "k")).Code);
        Assert.Equal(2, (await Run("--url", url, "--ca-file", _folder.File("token"), "get", "b", "k")).Code);
        Assert.Equal(2, (await Run("--url", url, "--token-file", _folder.File("none"), "get", "b", "k")).Code);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_stops_the_start_of_a_cluster()
    {
        var fault = await Assert.ThrowsAsync<EmbeddedStartException>(() => EmbeddedCluster.StartAsync(
            new EmbeddedOptions { Nodes = 1, Partitions = 16, HttpPort = 0, HttpCertificate = _folder.File("none.pfx") }));
        Assert.StartsWith("Cannot serve HTTPS on port 0: the certificate ", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Text, string Error)> Run(params string[] args)
    {
        var run = await ToolRun.Of(args);
        return (run.ExitCode, run.Text, run.Error);
    }
}
