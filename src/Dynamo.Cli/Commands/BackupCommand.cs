using System.CommandLine;
using System.Text.Json.Nodes;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo backup</c>.</summary>
internal static class BackupCommand
{
    private const string Summary = "Copies a node's data into a folder of its machine, while the node runs.";

    private const string Lesson = """
        The copy is of one moment and whole: its manifest.json has a checksum of each file and says of which node and cluster it is.
        Nothing waits for it; its rate is limited. The folder is on the node's machine, must be empty or not there, and appears
        under its name when the backup is complete. Copy it to another machine then.

        Take one of every node, and new ones after the ring has changed: a node that is restored into a living cluster
        takes back from its backup only what cannot have been deleted since ('dynamo restore --help').

        Examples:
          dynamo backup node1 --to /var/backups/node1-monday
          dynamo backup node1 --to /mnt/backup/node1 --rate 16     at most 16 MiB a second

        Exit codes:
          0  the backup is complete
          1  it failed; the sentence says why
          3  the node did not answer
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static Command Create(Session session)
    {
        var name = new Argument<string>("NODE") { Description = "The node." };
        var to = new Option<string>("--to") { Description = "The folder, an absolute path on the node's machine.", Required = true, HelpName = "FOLDER" };
        var rate = new Option<int?>("--rate") { Description = "The most that is copied in a second, in MiB; 64 by default.", HelpName = "MIB" };
        var command = new TaughtCommand("backup", Summary, Lesson) { name, to, rate };
        session.Bind(command, async (parse, node, cancel) =>
        {
            var cluster = await node.Json<ClusterAnswer>("/admin/cluster", cancel);
            var wanted = parse.GetValue(name)!;
            var member = cluster.Members.FirstOrDefault(m => m.Name == wanted)
                ?? throw new CommandFailure(ExitCode.Usage, $"There is no node {wanted} in the cluster.");
            if (!Uri.TryCreate(member.Url, UriKind.Absolute, out var url))
                throw new CommandFailure(ExitCode.Unreachable, $"{wanted} has not said where it serves HTTP.");
            using var client = new NodeClient(url, session.Access(parse));
            var body = new JsonObject { ["folder"] = parse.GetValue(to) };
            if (parse.GetValue(rate) is { } most) body["rate"] = (long)most << 20;
            var answer = await client.Json(HttpMethod.Post, "/admin/backup", body, cancel);
            answer = session.Terminal.IsInteractive && !session.WantsJson(parse)
                ? await session.Terminal.Pretty.Progress().StartAsync(bars => Follow(client, answer, bars.AddTask(Markup.Escape(wanted)), cancel))
                : await Follow(client, answer, null, cancel);
            var backup = answer["backup"];
            var error = backup?["error"]?.ToString();
            if (session.WantsJson(parse)) session.Terminal.Json(backup);
            else if (error is null) session.Terminal.Text.WriteLine($"{wanted} is backed up in {backup?["folder"]}, {backup?["bytes"]} bytes.");
            if (error is not null) session.Terminal.Error.WriteLine(error);
            return error is null ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static async Task<JsonNode> Follow(NodeClient client, JsonNode answer, ProgressTask? bar, CancellationToken cancel)
    {
        while (answer["backup"]?["running"]?.GetValue<bool>() == true)
        {
            await Task.Delay(Look, cancel);
            answer = await client.Json("/admin/backup", cancel);
            if (bar is null || answer["backup"] is not { } backup) continue;
            bar.MaxValue = Math.Max(1, backup["bytes_in_all"]!.GetValue<long>());
            bar.Value = backup["bytes"]!.GetValue<long>();
        }

        return answer;
    }
}
