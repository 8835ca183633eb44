using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Dynamo.Cli.Certificates;

namespace Dynamo.Node.Tests;

/// <summary>Node processes over TLS, with config/tls.conf and certificates as the command makes them.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string PlainHttp = "dynamo.http.tls.enabled=off";
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-tls-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private NodeProcesses _nodes = null!;

    public Task InitializeAsync()
    {
        Make("ours");
        Make("others");
        _nodes = new NodeProcesses(3, 0, "dynamo.log.akka=error")
        {
            Config = Path.Combine(AppContext.BaseDirectory, "config", "tls.conf"),
            Environment = new Dictionary<string, string>
            {
                ["DYNAMO_CERTIFICATE"] = DevelopmentCertificates.NodeFile(Folder("ours"), "node"),
                ["SSL_CERT_FILE"] = DevelopmentCertificates.AuthorityFile(Folder("ours")),
            },
        };
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Three_nodes_keep_values_over_TLS_and_speak_to_none_that_is_plain_or_whose_certificate_is_not_trusted()
    {
        const string verify = "dynamo.remote.tls.verify-dialled=on";
        _nodes.Start(0, PlainHttp, verify);
        _nodes.Start(1, PlainHttp, verify);
        foreach (var wrong in (string[][])
            [["dynamo.remote.tls.enabled=off"], [$"dynamo.remote.tls.certificate={DevelopmentCertificates.NodeFile(Folder("others"), "node")}"]])
        {
            _nodes.Start(2, [PlainHttp, .. wrong]);
            await _nodes.WhenUp(2);
            await _nodes.UntilOrLog(async () => await Put(0, "w=2") == HttpStatusCode.NoContent);
            for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.ServiceUnavailable, await Put(0, "pw=3"));
            await _nodes.Kill(2);
        }

        _nodes.Start(2, PlainHttp, verify);
        await _nodes.WhenSettled();
        // A key of its own each time: a put that was refused may have left something.
        var agreed = 0;
        await _nodes.UntilOrLog(async () => await Put(0, "pw=3", $"agreed{++agreed}") == HttpStatusCode.NoContent);
        foreach (var node in (int[])[0, 1, 2])
            await _nodes.UntilOrLog(async () => await Text(node, $"/buckets/b/keys/agreed{agreed}?r=3") == "milk");
        await AnswersNoPlainText(_nodes.RemotePort(0));
    }

    [Fact]
    public async Task A_node_serves_HTTPS_with_the_sample_configuration_and_refuses_plain_HTTP()
    {
        _nodes.Start(0);
        var https = _nodes.Url(0).Replace("http:", "https:", StringComparison.Ordinal);
        await _nodes.WhenSaid(0, $"listening on {https}");
        using var trusting = new HttpClient(new SocketsHttpHandler { SslOptions = Trusting("ours") });
        Assert.Equal("OK", await trusting.GetStringAsync($"{https}/ping"));
        Assert.Contains(https, await trusting.GetStringAsync($"{https}/admin/cluster"), StringComparison.Ordinal);
        using var doubting = new HttpClient(new SocketsHttpHandler { SslOptions = Trusting("others") });
        await Assert.ThrowsAsync<HttpRequestException>(() => doubting.GetStringAsync($"{https}/ping"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetStringAsync($"{_nodes.Url(0)}/ping"));
    }

    [Fact]
    public async Task A_wrong_password_stops_the_start_with_a_sentence()
    {
        _nodes.Start(0, "dynamo.remote.tls.password=wrong");
        Assert.Equal(2, await _nodes.WhenEnded(0));
        await _nodes.WhenSaid(0, "dynamo.remote.tls.certificate is ");
    }

    private string Folder(string name) => Path.Combine(_folder, name);

    private void Make(string authority) => DevelopmentCertificates.Create(
        new CertificateOptions { Folder = Folder(authority), Hosts = ["localhost", "127.0.0.1"] }, DateTimeOffset.UtcNow);

    private async Task<string?> Text(int node, string path)
    {
        try
        {
            return await _http.GetStringAsync(_nodes.Url(node) + path);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<HttpStatusCode?> Put(int node, string query, string key = "k")
    {
        try
        {
            using var body = new StringContent("milk");
            using var answer = await _http.PutAsync(new Uri($"{_nodes.Url(node)}/buckets/b/keys/{key}?timeout=5000&{query}"), body);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private SslClientAuthenticationOptions Trusting(string authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(DevelopmentCertificates.AuthorityFile(Folder(authority)));
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }

    // Akka's frames begin with their length; TLS ends such a connection, with an alert (21) or without a word.
    private static async Task AnswersNoPlainText(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = socket.GetStream();
        await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 18, 2, 8, 1, 0, 0, 0, 4, 18, 2, 8, 1 });
        var answer = new byte[64];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var length = 0;
        try
        {
            length = await stream.ReadAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // Reset.
        }

        Assert.True(length == 0 || answer[0] == 21, $"A plain-text connection was answered: {Convert.ToHexString(answer[..length])}");
    }
}
