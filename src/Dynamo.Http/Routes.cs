namespace Dynamo.Http;

/// <summary>What a path leads to.</summary>
/// <param name="Allow">The methods it takes, as the Allow header lists them.</param>
/// <param name="BucketAt">Which segment is the bucket; 0 for none.</param>
/// <param name="KeyAt">Which segment is the key; 0 for none.</param>
/// <param name="Run">Answers the exchange.</param>
internal sealed record Route(string Allow, int BucketAt, int KeyAt, Func<Exchange, Task> Run)
{
    private readonly string[] _methods = Allow.Split(", ");

    /// <summary>Whether it reads or writes keys, which a node with too much to do refuses; administration is never refused.</summary>
    public bool IsAboutKey { get; init; }

    public bool Allows(string method) => Array.IndexOf(_methods, method) >= 0;
}

/// <summary>All paths, Riak's and ours.</summary>
/// <remarks>Segments are matched as they came, still percent-encoded.</remarks>
internal sealed class Routes(MinuteWindow window)
{
    private const string Read = "GET, HEAD";
    private const string AnyObject = "HEAD, GET, POST, PUT, DELETE";

    private readonly Route _root = new(Read, 0, 0, RootPage.Get);
    private readonly Route _console = new(Read, 0, 0, ConsoleFiles.Get);
    private readonly Route _ping = new(Read, 0, 0, static x => Answer.Bytes(x.Http, 200, "text/html", "OK"u8.ToArray()));
    private readonly Route _stats = new(Read, 0, 0, x => StatsEndpoint.Get(x, window));
    private readonly Route _metrics = new(Read, 0, 0, MetricsEndpoint.Get);

    private readonly Route _buckets = new(Read, 0, 0, ListEndpoints.Buckets);
    private readonly Route _keys = new("GET, HEAD, POST", 1, 0, static x =>
        x.IsMethod("POST") ? WriteEndpoints.Create(x) : ListEndpoints.Keys(x));

    private readonly Route _object = new(AnyObject, 1, 3, ObjectOf) { IsAboutKey = true };
    private readonly Route _counter = new("GET, HEAD, POST", 1, 3, static x =>
        x.IsMethod("POST") ? CounterEndpoint.Add(x) : CounterEndpoint.Get(x)) { IsAboutKey = true };

    private readonly Route _props = new("GET, HEAD, PUT, DELETE", 1, 0, static x => x.Request.Method switch
    {
        "PUT" => PropertiesEndpoint.Put(x),
        "DELETE" => PropertiesEndpoint.Reset(x),
        _ => PropertiesEndpoint.Get(x),
    });

    private readonly Route _oldBucket = new("GET, HEAD, PUT, POST", 1, 0, static x => x.Request.Method switch
    {
        "PUT" => PropertiesEndpoint.Put(x),
        "POST" => WriteEndpoints.Create(x),
        _ => ListEndpoints.OldBucket(x),
    });

    private readonly Route _oldObject = new(AnyObject, 1, 2, ObjectOf) { IsAboutKey = true };

    private readonly Route _cluster = new(Read, 0, 0, AdminEndpoints.Cluster);
    private readonly Route _ring = new(Read, 0, 0, AdminEndpoints.Ring);
    private readonly Route _node = new(Read, 0, 0, AdminEndpoints.Node);
    private readonly Route _repair = new("GET, HEAD, POST", 0, 0, static x => AdminEndpoints.Repair(x));
    private readonly Route _backup = new("GET, HEAD, POST", 0, 0, BackupEndpoint.Run);
    private readonly Route _live = new(Read, 0, 0, HealthEndpoints.Live);
    private readonly Route _ready = new(Read, 0, 0, HealthEndpoints.Ready);
    private readonly Route _change = new("POST", 0, 0, MembershipEndpoints.Stage);
    private readonly Route _clear = new("POST", 0, 0, MembershipEndpoints.Clear);
    private readonly Route _plan = new("GET, HEAD, POST", 0, 0, MembershipEndpoints.Plan);
    private readonly Route _commit = new("POST", 0, 0, MembershipEndpoints.Commit);
    private readonly Route _preflist = new(Read, 2, 3, AdminEndpoints.PreferenceList);
    private readonly Route _local = new(Read, 2, 3, AdminEndpoints.Local);
    private readonly Route _inspect = new(Read, 2, 3, InspectEndpoint.Get);

    /// <summary>The route of a path; null when nothing is there.</summary>
    public Route? Find(string[] segments) => segments switch
    {
        [] => _root,
        ["console", _] => _console,
        ["ping"] => _ping,
        ["stats"] => _stats,
        ["metrics"] => _metrics,
        ["buckets" or "riak"] or ["buckets" or "riak", ""] => _buckets,
        ["buckets", _, "keys"] => _keys,
        ["buckets", _, "keys", ""] => _keysWithSlash,
        ["buckets", _, "keys", _] => _object,
        ["buckets", _, "counters", _] => _counter,
        ["buckets", _, "props"] => _props,
        ["riak", _] => _oldBucket,
        ["riak", _, _] => _oldObject,
        ["admin", "cluster"] => _cluster,
        ["admin", "cluster", "join" or "leave" or "remove" or "replace" or "weight"] => _change,
        ["admin", "cluster", "clear"] => _clear,
        ["admin", "cluster", "plan"] => _plan,
        ["admin", "cluster", "commit"] => _commit,
        ["admin", "ring"] => _ring,
        ["admin", "node"] => _node,
        ["admin", "repair"] => _repair,
        ["admin", "backup"] => _backup,
        ["health", "live"] => _live,
        ["health", "ready"] => _ready,
        ["admin", "preflist", _, _] => _preflist,
        ["admin", "local", _, _] => _local,
        ["admin", "inspect", _, _] => _inspect,
        _ => null,
    };

    // GET /buckets/b/keys/ lists, as in Riak; whoever writes there has lost its key and is told so.
    private readonly Route _keysWithSlash = new(AnyObject, 1, 0, static x =>
        x.Request.Method is "GET" or "HEAD"
            ? ListEndpoints.Keys(x)
            : Answer.Text(x, 400, "The key is empty; a key has 1 to 4096 bytes."));

    private static Task ObjectOf(Exchange x) => x.Request.Method switch
    {
        "PUT" or "POST" => WriteEndpoints.Put(x),
        "DELETE" => WriteEndpoints.Delete(x),
        _ => ReadEndpoint.Get(x),
    };
}
