using System.CommandLine;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo cluster …</c>: who is a member, and changes of that.</summary>
internal static class ClusterCommand
{
    private const string Summary = "Shows who is a member of the cluster, and changes it: stage, plan, commit.";

    private const string Lesson = """
        Nodes never join or leave by themselves: one that does not answer has usually not gone for good. A change is
        first staged, at the node that is asked (--url); 'plan' shows what it would do; 'commit' does it. Until then
        nothing happens, so that several changes move what they move only once. Ask the same node all the way.

        After the commit the cluster serves as before. Nodes write under both rings while they copy what they gain, and
        read by the new one when all of them hold everything. A member that is away delays the change, never requests:
        start it again, or, when it is gone for good, remove or replace it.

        Examples:
          dynamo cluster status                 who is a member, what is staged, what is still being copied
          dynamo cluster join node4 --weight 2  a new node, twice as large as the others; start it as well
          dynamo cluster leave node1            a node that is alive hands everything over and goes
          dynamo cluster remove node1           a node that is dead goes; the other owners have what it had
          dynamo cluster replace node1 node4    a new node takes exactly the place of another
          dynamo cluster weight node2 3         another capacity, another share
          dynamo cluster plan                   what all of this would move
          dynamo cluster commit --wait          do it, and watch until every node works by the new ring
          dynamo cluster clear                  forget what is staged

        Exit codes:
          0  done
          1  refused: the sentence says why
          2  the command line was not understood
          3  no node answered at the address
          4  the node cannot do it now
        """;

    /// <summary>Where the node tells and takes all this.</summary>
    public const string Path = "/admin/cluster";

    public static Command Create(Session session) => new TaughtCommand("cluster", Summary, Lesson)
    {
        ClusterStatusCommand.Create(session),
        ClusterStaging.Join(session),
        ClusterStaging.Leave(session),
        ClusterStaging.Remove(session),
        ClusterStaging.Replace(session),
        ClusterStaging.Weight(session),
        ClusterPlanCommand.Create(session),
        ClusterCommitCommand.Create(session),
        ClusterStaging.Clear(session),
    };
}
