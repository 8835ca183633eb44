using System.Text.Json;

namespace Dynamo.Http;

/// <summary>How long gets and puts over HTTP took here in the last minute, from the request's head to the end of the answer.</summary>
internal sealed class RequestTimes(TimeProvider time)
{
    private static readonly int[] Percents = [50, 95, 99, 100];

    private readonly LatencyWindow _gets = new(time), _puts = new(time);

    /// <summary>Measures the answer to a request for a key; deletes and increments are puts.</summary>
    public Task Measure(Exchange x, Func<Exchange, Task> run) =>
        (x.Request.Method is "GET" or "HEAD" ? _gets : _puts).Measure(() => run(x));

    /// <summary>Writes Riak's names, in microseconds; all are 0 while nobody has asked.</summary>
    public void Write(Utf8JsonWriter json)
    {
        Write(json, "node_get_fsm_time", _gets);
        Write(json, "node_put_fsm_time", _puts);
    }

    private static void Write(Utf8JsonWriter json, string name, LatencyWindow window)
    {
        var (_, microseconds) = window.Percentiles(Percents);
        json.WriteNumber(name + "_median", microseconds[0]);
        for (var i = 1; i < Percents.Length; i++) json.WriteNumber($"{name}_{Percents[i]}", microseconds[i]);
    }
}
