using System.Text.Json;

namespace Dynamo.Bench.Processes;

/// <summary>Numbers that nodes tell at /stats, of all of them together.</summary>
internal sealed record FleetStats
{
    /// <summary>Gets and puts that have come to the nodes from clients.</summary>
    public required long Requests { get; init; }

    /// <summary>Messages that nodes have sent each other for them.</summary>
    public required long Messages { get; init; }

    /// <summary>Messages of the transport that these travelled in.</summary>
    public required long Frames { get; init; }

    /// <summary>Records that the nodes hold: a key counts once for each copy.</summary>
    public required long Copies { get; init; }

    /// <summary>Bytes of the processes that are in RAM.</summary>
    public required long Memory { get; init; }

    /// <summary>What is still to be done of past requests: those being coordinated, writes that wait for the store, hints.</summary>
    public required long UnderWay { get; init; }

    /// <summary>Adds up what nodes answer.</summary>
    public static FleetStats Sum(IReadOnlyCollection<JsonElement> answers)
    {
        return new FleetStats
        {
            Requests = Of("node_gets_total") + Of("node_puts_total"),
            Messages = Of("link_request_messages_sent_total"),
            Frames = Of("link_request_frames_sent_total"),
            Copies = Of("keys"),
            Memory = Of("memory_total"),
            UnderWay = Of("requests_in_flight") + Of("storage_queued_writes") + Of("hints"),
        };

        long Of(string name) => answers.Sum(answer => answer.GetProperty(name).GetInt64());
    }

    /// <summary>
    /// Remote messages for each operation since then: those between nodes, and two for each time that a client has turned to a node, its
    /// request and the answer. So a request that is sent again is paid for.
    /// </summary>
    public double MessagesPerOperation(FleetStats before, long operations) =>
        (Messages - before.Messages + (2.0 * (Requests - before.Requests))) / operations;

    /// <summary>Bytes of memory for each copy of a key that has been added since then.</summary>
    public double BytesPerCopy(FleetStats before) => (Memory - before.Memory) / (double)(Copies - before.Copies);
}
