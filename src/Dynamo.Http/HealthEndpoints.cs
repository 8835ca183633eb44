namespace Dynamo.Http;

/// <summary>What probes ask: whether the process works, and whether requests should be sent here. No token is needed.</summary>
internal static class HealthEndpoints
{
    /// <summary>200 as long as the process answers at all.</summary>
    public static Task Live(Exchange x) => Answer.Text(x, 200, "The process works.");

    /// <summary>200 when the node takes requests, else 503 and why not.</summary>
    public static async Task Ready(Exchange x)
    {
        var why = await WhyNot(x.Node);
        await Answer.Text(x, why.Length == 0 ? 200 : 503, why.Length == 0 ? $"{x.Node.Self} takes requests." : why);
    }

    /// <summary>Why requests had better go to another node, one sentence; empty when they are welcome.</summary>
    public static async Task<string> WhyNot(INodePort node)
    {
        try
        {
            var status = await node.Status();
            return status.Absence.Length > 0 ? status.Absence
                : status.Asking.Length > 0 ? status.Asking
                : status.StorageError ?? "";
        }
        catch (Exception fault) when (fault is InvalidOperationException or ObjectDisposedException)
        {
            return $"{node.Self} is down.";
        }
    }
}
