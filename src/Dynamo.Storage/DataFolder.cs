using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>The folder that a node keeps everything in, and the file in it that says whose it is.</summary>
/// <remarks>
/// A folder belongs to one runtime, one node and one cluster for good: the runtimes keep their history in different places, so
/// a folder opened by the wrong one would look empty. The file is text, one <c>name=value</c> a line.
/// </remarks>
public static class DataFolder
{
    /// <summary>The name of the file.</summary>
    public const string MarkerFile = "dynamo.node";

    /// <summary>Makes the folder when there is none and takes it into possession, or checks that it is possessed already.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="runtime">"akka" or "embedded".</param>
    /// <param name="node">The node.</param>
    /// <param name="founding">The cluster.</param>
    /// <exception cref="StorageOpenException">The folder cannot be used, or belongs to somebody else; one sentence says why.</exception>
    public static void Claim(string path, string runtime, NodeId node, Founding founding) =>
        Claim(path, runtime, node, founding.ClusterId);

    /// <summary>The same, for a cluster that is known by its id.</summary>
    /// <exception cref="StorageOpenException">The folder cannot be used, or belongs to somebody else; one sentence says why.</exception>
    public static void Claim(string path, string runtime, NodeId node, string clusterId)
    {
        var marker = Path.Combine(path, MarkerFile);
        (string Name, string Value, string Means)[] wanted =
        [
            ("runtime", runtime, "the runtime"),
            ("node", node.Name, "the node"),
            ("cluster", clusterId, "the cluster (its name, first members and number of partitions)"),
        ];
        try
        {
            Directory.CreateDirectory(path);
            if (!File.Exists(marker))
            {
                var draft = marker + ".new";
                File.WriteAllLines(draft, wanted.Select(static w => $"{w.Name}={w.Value}"));
                File.Move(draft, marker);
                return;
            }

            var found = File.ReadLines(marker).Take(16).ToArray();
            foreach (var (name, value, means) in wanted)
            {
                var has = Array.Find(found, line => line.StartsWith(name + "=", StringComparison.Ordinal));
                if (has != $"{name}={value}")
                    throw new StorageOpenException(
                        $"The data folder {path} belongs to another node: {means} is {value} here and {has?[(name.Length + 1)..] ?? "not said"} there.");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageOpenException($"The data folder {path} cannot be used: {fault.Message}");
        }
    }
}
