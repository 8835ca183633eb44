using System.Text.Json;
using Dynamo.Actors;

namespace Dynamo.Node;

/// <summary>What <c>--check --json</c> prints: the settings that <c>dynamo doctor</c> holds against the machine.</summary>
internal static class CheckReport
{
    public static string Of(NodeConfig config) => JsonSerializer.Serialize(new
    {
        node = config.Node.Self.Name,
        cluster = config.Node.Founding.ClusterId,
        folder = config.Storage?.Folder,
        http_host = config.HttpHost,
        http_port = config.HttpPort,
        has_token = config.HttpToken is not null,
        remote_host = config.Akka.Host,
        bind_host = config.Akka.BindHost.Length > 0 ? config.Akka.BindHost : config.Akka.Host,
        remote_port = config.Akka.Port,
        has_tls = config.Akka.TlsCertificate.Length > 0,
        has_key = config.Node.ClusterKey.Length > 0,
        exposure = config.Exposure(),
        others = config.Node.Endpoints.Where(e => e.Key != config.Node.Self).Select(static e => new { name = e.Key.Name, address = $"{e.Value.Host}:{e.Value.Port}" }),
    });
}
