using Akka.Remote.TestKit;
using Xunit;

namespace Dynamo.MultiNode.TestKit;

/// <content>What happens to the nodes and to the lines between them. All of it is called by all processes.</content>
public abstract partial class PartitionSpec<TConfig>
{
    /// <summary>Cuts every line between the two sides, both ways; within a side all goes on.</summary>
    protected void Split(RoleName[] left, RoleName[] right) => BothWays(left, right, LineState.Cut, "split");

    /// <summary>Cuts one way: nothing that <paramref name="from"/> sends arrives at <paramref name="to"/>.</summary>
    /// <remarks>
    /// What is sent the other way arrives over the connections there are. They do not last: a connection on which one side
    /// hears nothing is given up within some seconds, as TCP does it too, and no new one can be made before the line is good
    /// again.
    /// </remarks>
    protected void Lose(RoleName[] from, RoleName[] to) => OneWay(from, to, LineState.Cut, "lost");

    /// <summary>Makes every line between the two sides slow, both ways.</summary>
    /// <param name="left">One side.</param>
    /// <param name="right">The other.</param>
    /// <param name="bytesPerSecond">
    /// What passes each line, 1 or more; the rest waits its turn. A node at rest sends each other some kilobytes a second.
    /// Less than that is a line on which ever more waits.
    /// </param>
    protected void Slow(RoleName[] left, RoleName[] right, int bytesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, 1);
        BothWays(left, right, new LineState(bytesPerSecond), "slow");
    }

    /// <summary>Makes the lines between the two sides good again, whatever was wrong with them.</summary>
    protected void Heal(RoleName[] left, RoleName[] right) => BothWays(left, right, LineState.Open, "healed");

    /// <summary>
    /// Ends nodes as the death of their process does, without a word to the others. What is on their disks stays.
    /// </summary>
    protected void Stop(params RoleName[] nodes)
    {
        RunOn(() => Wait(_node.Stop()), nodes);
        Barrier("stopped");
    }

    /// <summary>Starts stopped nodes again, under their names, at their addresses and over what is on their disks.</summary>
    /// <remarks>They serve when it returns; whether they reach anybody is for the spec to wait for.</remarks>
    protected void StartAgain(params RoleName[] nodes)
    {
        RunOn(() => Wait(_node.StartAgain()), nodes);
        Barrier("started-again");
    }

    /// <summary>Stops nodes and starts them again.</summary>
    protected void Restart(params RoleName[] nodes)
    {
        Stop(nodes);
        StartAgain(nodes);
    }

    /// <summary>Ends a node's process for good. Its method does not return there; barriers go on without it.</summary>
    /// <param name="node">Any but node1, which conducts the spec.</param>
    protected void Kill(RoleName node)
    {
        Assert.True(node != Nodes[0], $"{node.Name} conducts the spec and cannot be killed; stop it instead.");
        // What it has begun it ends: only then does it die.
        Barrier("before-kill");
        if (IsNode(node))
        {
            // Whoever kills may have failed before: then this process must not wait for its end for ever.
            Thread.Sleep(Patience);
            Assert.Fail($"{node.Name} was to be killed and is still there after {Patience.TotalSeconds:0} s.");
        }

        RunOn(() => Wait(TestConductor.Exit(node, 0)), Nodes[0]);
        Barrier("killed");
    }

    private void BothWays(RoleName[] left, RoleName[] right, LineState state, string done)
    {
        RunOn(() => Lines(left, state), right);
        RunOn(() => Lines(right, state), left);
        Barrier(done);
    }

    private void OneWay(RoleName[] from, RoleName[] to, LineState state, string done)
    {
        RunOn(() => Lines(from, state), to);
        Barrier(done);
    }

    private void Lines(RoleName[] from, LineState state)
    {
        foreach (var node in from) Wait(_node.SetLine(NameOf(node), state));
    }
}
