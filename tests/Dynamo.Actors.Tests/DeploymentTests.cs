using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>The container files name settings, ports and users that exist.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string Yaml = Read("kubernetes.yaml");

    [Fact]
    public void The_configuration_of_the_pods_is_sound_and_its_ports_are_those_of_the_services()
    {
        var file = Path.GetTempFileName();
        var before = Environment.GetEnvironmentVariable("POD_NAME");
        try
        {
            File.WriteAllText(file, Config());
            (string Name, string Value)[] environment = [("POD_NAME", "dynamo-1"), ("DYNAMO_CLUSTER_KEY", "key"), ("DYNAMO_HTTP_TOKEN", "token")];
            foreach (var (name, value) in environment)
            {
                // What the file asks the environment for, the pod must give.
                Assert.Contains($"- name: {name}", Yaml);
                Environment.SetEnvironmentVariable(name, value);
            }

            var config = NodeConfig.Load(file, []);
            Assert.Equal((new NodeId("dynamo-1"), 3), (config.Node.Self, config.Node.Founding.Members.Length));
            Assert.Equal(("dynamo-1.dynamo", 9001, "0.0.0.0"), (config.Akka.Host, config.Akka.Port, config.Akka.BindHost));
            Assert.Equal(("*", 8098, "token"), (config.HttpHost, config.HttpPort, config.HttpToken));
            Assert.StartsWith("/var/lib/dynamo/", config.Storage!.Folder);
            Assert.Equal(3, Regex.Count(Yaml, "(port|containerPort): 8098"));
            Assert.Equal(2, Regex.Count(Yaml, "(port|containerPort): 9001"));
            // A fourth pod joins: it is none of the first members and says where it is.
            Environment.SetEnvironmentVariable("POD_NAME", "dynamo-3");
            Assert.Contains("-D \"dynamo.node.address=$POD_NAME.dynamo:9001\"", Yaml);
            Assert.Equal("dynamo-3.dynamo", NodeConfig.Load(file, ["dynamo.node.address=dynamo-3.dynamo:9001"]).Akka.Host);
            var grace = int.Parse(Regex.Match(Yaml, @"terminationGracePeriodSeconds: (\d+)").Groups[1].Value);
            Assert.True(TimeSpan.FromSeconds(grace) > config.HttpDrainTimeout + TimeSpan.FromSeconds(5));
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAME", before);
            File.Delete(file);
        }
    }

    [Fact]
    public void Container_and_pods_run_as_the_same_user_over_the_same_folder()
    {
        var docker = Read("Dockerfile");
        Assert.Contains("USER 1654", docker);
        Assert.Contains("runAsUser: 1654", Yaml);
        Assert.Contains("VOLUME /var/lib/dynamo", docker);
        Assert.Contains("mountPath: /var/lib/dynamo", Yaml);
        Assert.Contains("EXPOSE 8098 9001", docker);
        foreach (var project in (string[])["src/Dynamo.Node", "src/Dynamo.Cli"])
        {
            Assert.Contains($"dotnet publish {project} -c Release", docker);
            Assert.True(Directory.Exists(Path.Combine(Root(), project)));
        }
    }

    // The block of the ConfigMap, without its indentation.
    private static string Config() =>
        string.Join('\n', Block().Match(Yaml).Groups[1].Value.Split('\n').Select(static line => line.Length > 4 ? line[4..] : line));

    private static string Read(string file) => File.ReadAllText(Path.Combine(Root(), "config", file));

    private static string Root([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..", "..");

    [GeneratedRegex(@"node\.conf: \|\n(.*?)\n---", RegexOptions.Singleline)]
    private static partial Regex Block();
}
