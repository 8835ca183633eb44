using System.CommandLine;
using Dynamo.Storage;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo restore</c>.</summary>
internal static class RestoreCommand
{
    private const string Summary = "Puts a backup into the data folder of a node that is stopped.";

    private const string Lesson = """
        For a node that has lost its disk while the cluster lives: put the backup into its new, empty data folder and start it. It
        begins empty, as after a new disk, and the other owners give it what they hold. From the backup it takes back what nobody
        else may have, partition by partition, once all other members have said that nothing was reaped there since; a partition
        in which deleted keys have been reaped since, or all of them when the ring has changed since, is left to the others. So
        nothing that was deleted comes back. All members must be up for that; GET /admin/backup of the node shows how far it is.

        --whole-cluster is for the day on which all nodes are gone: every node starts from its backup as it is. What was
        written after the backups is lost, and what was deleted after them is there again. Never use it for one node of a
        cluster that lives.

        Examples:
          dynamo restore --from /var/backups/node1-monday --data /var/lib/dynamo
          dynamo restore --from /mnt/backup/node1 --data ./data/node1 --whole-cluster

        Exit codes:
          0  the folder is ready: start the node
          1  the backup is damaged, or the folder belongs to another node or is not empty
        """;

    public static Command Create(Session session)
    {
        var from = new Option<DirectoryInfo>("--from") { Description = "The backup's folder.", Required = true, HelpName = "FOLDER" };
        var data = new Option<DirectoryInfo>("--data") { Description = "The node's data folder.", Required = true, HelpName = "FOLDER" };
        var whole = new Option<bool>("--whole-cluster") { Description = "Every node of the cluster is restored; the backups are all there is." };
        var command = new TaughtCommand("restore", Summary, Lesson, asksNodes: false) { from, data, whole };
        command.SetAction((parse, _) =>
        {
            try
            {
                var all = parse.GetValue(whole);
                var manifest = RestoredFolder.Write(parse.GetValue(from)!.FullName, parse.GetValue(data)!.FullName, all);
                if (session.WantsJson(parse)) session.Terminal.Json(manifest);
                else session.Terminal.Text.WriteLine(
                    $"{manifest.Node} can be started over {parse.GetValue(data)!.FullName}: its backup of {manifest.TakenAt:u} with {manifest.Records} records"
                    + $" and {manifest.Hints} hints " + (all ? "is its store." : "lies beside its store, which begins empty."));
                return Task.FromResult(ExitCode.Success);
            }
            catch (StorageOpenException fault)
            {
                throw new CommandFailure(ExitCode.Failure, fault.Message);
            }
        });
        return command;
    }
}
