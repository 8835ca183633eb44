namespace Dynamo.Core;

/// <summary>The counts of one get, resolved for its bucket: N, R and PR.</summary>
/// <param name="N">Replicas of the key: the bucket's n_val, or all nodes when the ring has fewer.</param>
/// <param name="R">Replicas that must answer.</param>
/// <param name="PR">Owners that must answer.</param>
/// <param name="NotFoundOk">Whether an owner without the key counts.</param>
/// <param name="BasicQuorum">Whether a quorum of "nothing" ends a get for which it does not.</param>
public readonly record struct ReadQuorum(int N, int R, int PR, bool NotFoundOk, bool BasicQuorum)
{
    /// <summary>Resolves a get's counts; <paramref name="error"/> is one sentence when they cannot be.</summary>
    public static ReadQuorum Resolve(BucketProperties bucket, GetOptions options, int nodes, out string error)
    {
        error = BucketProperties.CheckSize("r", options.R, 1, bucket.NVal)
            ?? BucketProperties.CheckSize("pr", options.PR, 0, bucket.NVal) ?? "";
        var n = Math.Min(bucket.NVal, nodes);
        return new ReadQuorum(
            n,
            options.R.Or(bucket.R).Or(BucketProperties.Standard.R).Resolve(n),
            options.PR.Or(bucket.PR).Or(BucketProperties.Standard.PR).Resolve(n),
            options.NotFoundOk ?? bucket.NotFoundOk,
            options.BasicQuorum ?? bucket.BasicQuorum);
    }
}

/// <summary>The counts of one put, resolved for its bucket: N, W, PW and DW.</summary>
/// <param name="N">Replicas of the key: the bucket's n_val, or all nodes when the ring has fewer.</param>
/// <param name="W">Replicas, fallbacks included, that must acknowledge.</param>
/// <param name="PW">Owners that must acknowledge.</param>
/// <param name="DW">Replicas that must hold it durably; never above <paramref name="W"/>.</param>
public readonly record struct WriteQuorum(int N, int W, int PW, int DW)
{
    /// <summary>Resolves a put's counts; <paramref name="error"/> is one sentence when they cannot be.</summary>
    public static WriteQuorum Resolve(BucketProperties bucket, PutOptions options, int nodes, out string error)
    {
        error = BucketProperties.CheckSize("w", options.W, 1, bucket.NVal)
            ?? BucketProperties.CheckSize("pw", options.PW, 0, bucket.NVal)
            ?? BucketProperties.CheckSize("dw", options.DW, 0, bucket.NVal) ?? "";
        var n = Math.Min(bucket.NVal, nodes);
        var w = options.W.Or(bucket.W).Or(BucketProperties.Standard.W).Resolve(n);
        var dw = options.DW.Or(bucket.DW).Or(BucketProperties.Standard.DW).Resolve(n);
        return new WriteQuorum(n, w, options.PW.Or(bucket.PW).Or(BucketProperties.Standard.PW).Resolve(n), Math.Min(dw, w));
    }
}
