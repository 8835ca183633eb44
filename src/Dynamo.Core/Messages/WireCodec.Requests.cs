using System.Diagnostics;

namespace Dynamo.Core;

// Client requests: inside ForwardPut and ForwardIncrement, and from remote clients.
public static partial class WireCodec
{
    /// <summary>Appends a client's request.</summary>
    public static void WriteRequest(WireWriter to, ClientRequest request)
    {
        switch (request)
        {
            case GetRequest r:
                to.Byte((byte)RequestTag.GetRequest);
                Key(to, r.Key);
                Options(to, r.Options);
                break;
            case PutRequest r:
                to.Byte((byte)RequestTag.PutRequest);
                Key(to, r.Key);
                to.Bytes(r.Context.Span);
                to.Bool(r.Value is not null);
                if (r.Value is not null) RecordCodec.Write(to, r.Value);
                Options(to, r.Options);
                break;
            case DeleteRequest r:
                to.Byte((byte)RequestTag.DeleteRequest);
                Key(to, r.Key);
                to.Bytes(r.Context.Span);
                Options(to, r.Options);
                Options(to, r.ReadOptions);
                break;
            case ListRequest r:
                to.Byte((byte)RequestTag.ListRequest);
                OptionalText(to, r.Bucket);
                OptionalSpan(to, r.Timeout);
                break;
            case IncrementRequest r:
                to.Byte((byte)RequestTag.IncrementRequest);
                Key(to, r.Key);
                to.Signed(r.Delta);
                Options(to, r.Options);
                break;
            case OwnerReadRequest r:
                to.Byte((byte)RequestTag.OwnerReadRequest);
                Key(to, r.Key);
                to.Number(r.RingVersion);
                to.Count(r.ShowUpTo);
                Options(to, r.Options);
                break;
            default:
                throw new UnreachableException($"No wire form is known for {request.GetType().Name}.");
        }
    }

    /// <summary>Reads a client's request; null, and the reader fails with a sentence, when it is not one.</summary>
    public static ClientRequest? ReadRequest(ref WireReader from)
    {
        var tag = from.Byte();
        if (from.Failed) return null;
        ClientRequest? request = (RequestTag)tag switch
        {
            RequestTag.GetRequest => new GetRequest(Key(ref from), GetOptions(ref from)),
            RequestTag.PutRequest => new PutRequest(
                Key(ref from), Context(ref from), from.Bool() ? RecordCodec.ReadValue(ref from) : null,
                PutOptions(ref from)),
            RequestTag.DeleteRequest => new DeleteRequest(
                Key(ref from), Context(ref from), PutOptions(ref from), GetOptions(ref from)),
            RequestTag.ListRequest => new ListRequest(OptionalBucket(ref from), OptionalSpan(ref from)),
            RequestTag.IncrementRequest => new IncrementRequest(Key(ref from), from.Signed(), PutOptions(ref from)),
            RequestTag.OwnerReadRequest => new OwnerReadRequest(
                Key(ref from), from.Number(), from.Count(int.MaxValue), GetOptions(ref from)),
            _ => null,
        };
        if (request is null) from.Fail($"No request has the tag {tag}.");
        return from.Failed ? null : request;
    }

    private static void Options(WireWriter to, GetOptions options)
    {
        to.Bool(options != Core.GetOptions.None);
        if (options == Core.GetOptions.None) return;
        Size(to, options.R);
        Size(to, options.PR);
        OptionalBool(to, options.NotFoundOk);
        OptionalBool(to, options.BasicQuorum);
        OptionalSpan(to, options.Timeout);
    }

    private static GetOptions GetOptions(ref WireReader from) => !from.Bool()
        ? Core.GetOptions.None
        : new GetOptions
        {
            R = Size(ref from),
            PR = Size(ref from),
            NotFoundOk = OptionalBool(ref from),
            BasicQuorum = OptionalBool(ref from),
            Timeout = OptionalSpan(ref from),
        };

    private static void Options(WireWriter to, PutOptions options)
    {
        to.Bool(options != Core.PutOptions.None);
        if (options == Core.PutOptions.None) return;
        Size(to, options.W);
        Size(to, options.PW);
        Size(to, options.DW);
        OptionalSpan(to, options.Timeout);
        to.Bool(options.ReturnBody);
    }

    private static PutOptions PutOptions(ref WireReader from) => !from.Bool()
        ? Core.PutOptions.None
        : new PutOptions
        {
            W = Size(ref from),
            PW = Size(ref from),
            DW = Size(ref from),
            Timeout = OptionalSpan(ref from),
            ReturnBody = from.Bool(),
        };
}
