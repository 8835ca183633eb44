namespace Dynamo.Telemetry;

/// <summary>Something in a node's life that an operator would act on, or would look for afterwards.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Name">What happened, from <see cref="EventNames"/>; it stays the same when the sentence is improved.</param>
/// <param name="Source">Where in the node: "dynamo.ring", "dynamo.store" and so on.</param>
/// <param name="Sentence">For a person.</param>
/// <param name="Fields">For a program: names are lower case with underscores, values anything with a sensible text.</param>
public sealed record NodeEvent(
    EventLevel Level, string Name, string Source, string Sentence, params (string Name, object Value)[] Fields)
{
    /// <inheritdoc/>
    public override string ToString() => Sentence;
}

/// <summary>How much an event matters.</summary>
public enum EventLevel
{
    /// <summary>Of use to who changes the program.</summary>
    Debug,

    /// <summary>Worth knowing when something is looked into.</summary>
    Info,

    /// <summary>Somebody should look at it today.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Error,
}

/// <summary>How a log is written.</summary>
public enum LogFormat
{
    /// <summary>A sentence with its fields behind it.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>The names of all events; docs/logs.md says what each means.</summary>
public static class EventNames
{
    /// <summary>Every name.</summary>
    public static IEnumerable<string> All =>
        typeof(EventNames).GetFields().Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!);

    public const string NodeStarted = "node_started";
    public const string NodeStopped = "node_stopped";
    public const string NodeReachable = "node_reachable";
    public const string NodeUnreachable = "node_unreachable";
    public const string NodeMoved = "node_moved";
    public const string StoreFailed = "store_failed";
    public const string StoreRecovered = "store_recovered";
    public const string HintsRefused = "hints_refused";
    public const string RecordDamaged = "record_damaged";
    public const string RecordMended = "record_mended";
    public const string ManySiblings = "many_siblings";
    public const string RequestsRejected = "requests_rejected";
    public const string ChangeCommitted = "change_committed";
    public const string ChangeSettled = "change_settled";
    public const string TransfersDone = "transfers_done";
    public const string RepairEnded = "repair_ended";
    public const string StartsOver = "starts_over";
    public const string IslandDetected = "island_detected";
    public const string LinkRenewed = "link_renewed";
    public const string InputRefused = "input_refused";
    public const string NotListenedTo = "not_listened_to";
    public const string Exposed = "exposed";
    public const string RehearsalFailed = "rehearsal_failed";
    public const string HistoryFailed = "history_failed";
    public const string HttpFault = "http_fault";
    public const string Fault = "fault";
    public const string Akka = "akka";
}
