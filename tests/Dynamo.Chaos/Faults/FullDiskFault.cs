using System.Globalization;

namespace Dynamo.Chaos.Faults;

/// <summary>A node's disk is full until space returns; the node must say so, stay up, and be well again by itself.</summary>
/// <remarks>
/// A store that only writes over what it has already taken does not notice, so big values are put through the node
/// until it has to grow.
/// </remarks>
internal sealed class FullDiskFault(int node) : Fault
{
    private const int BigValue = 256 * 1024, BigKeys = 16, MostPuts = 400;
    private readonly List<string> _findings = [];
    private string _said = "";

    public override string Description => $"the disk of {Names([node])} is full{(_said.Length == 0 ? "" : $"; it says: {_said}")}";

    public override IReadOnlyList<int> Silenced => [];

    public override IReadOnlyList<string> Findings => _findings;

    public override async Task Begin(Fleet fleet, CancellationToken cancel)
    {
        fleet.Disk(node).Fill();
        for (var i = 0; i < MostPuts && _said.Length == 0 && !cancel.IsCancellationRequested; i++)
        {
            using var body = new ByteArrayContent(new byte[BigValue]);
            body.Headers.ContentType = new("application/octet-stream");
            var path = string.Create(CultureInfo.InvariantCulture, $"/buckets/bulk/keys/b{i % BigKeys}?w=1&timeout=2000");
            var (status, answer) = await fleet.Put(node, path, body);
            if (status is not (200 or 204 or 503) || (status == 503 && answer.Trim().Length == 0))
                _findings.Add($"{Names([node])} answered a put to a full disk with {status} \"{answer.Trim()}\".");
            fleet.Disk(node).Fill();
            if (await fleet.StorageError(node) is { Length: > 0 } error) _said = error;
        }

        if (_said.Length == 0) _findings.Add($"The disk of {Names([node])} was full and it never said so.");
    }

    public override async Task End(Fleet fleet, CancellationToken cancel)
    {
        if (!fleet.IsAlive(node)) _findings.Add($"{Names([node])} ended when its disk was full.");
        fleet.Disk(node).Free();
        await Fleet.Until(async () => await fleet.StorageError(node) is "", $"{Names([node])} has space again and is not well", cancel);
    }
}
