using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dynamo.Bench.Scenarios;
using Dynamo.Chaos.Beds;

namespace Dynamo.Bench.Tests;

/// <summary>Links that take time, where namespaces may be made, and what a run that was killed has left of them.</summary>
public sealed class LinksTests
{
    [Theory]
    [InlineData("dynchaos1", false)]
    [InlineData("dynbench", false)]
    [InlineData("dynbench12", false)]
    [InlineData("dynbenchother-1", false)]
    [InlineData("dynbench1-c", false)]
    [InlineData("dynbench2147483647-1", true)]
    public void A_namespace_is_left_when_its_process_has_ended(string name, bool isLeft) =>
        Assert.Equal(isLeft && OperatingSystem.IsLinux(), OperatingSystem.IsLinux() && LinksScenario.IsLeft(name));

    [Fact]
    public async Task A_link_takes_its_time_each_way_and_not_much_more()
    {
        using var bed = NamespaceBed.TryMake($"dyntest{Environment.ProcessId}-", 1, 1, out var reason);
        if (bed is null)
        {
            Assert.NotEqual("", reason);
            return;
        }

        bed.Switch.SetAll(new Line(0, TimeSpan.FromMilliseconds(20), TimeSpan.Zero));
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            using var socket = bed.ClientSocket();
            var began = Stopwatch.GetTimestamp();
            // Nobody listens there, which takes a packet there and one back as well.
            await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Parse(bed.Host(0)), bed.HttpPort(0)));
            var took = Stopwatch.GetElapsedTime(began);
            fastest = took < fastest ? took : fastest;
        }

        Assert.InRange(fastest.TotalMilliseconds, 40, 80);
    }
}
