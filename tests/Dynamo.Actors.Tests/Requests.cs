using System.Text;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>Short forms of requests.</summary>
internal static class Requests
{
    public static GetRequest Get(Key key) => new(key, GetOptions.None);

    public static PutRequest Put(Key key, string text, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        new(key, context, new Value { Body = Encoding.UTF8.GetBytes(text) }, options ?? PutOptions.None);

    public static string Text(Sibling sibling) => Encoding.UTF8.GetString(sibling.Value!.Body.Span);
}
