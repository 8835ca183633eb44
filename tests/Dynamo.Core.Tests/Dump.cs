using System.Collections;
using System.Reflection;
using System.Text;

namespace Dynamo.Core.Tests;

/// <summary>A value as text, down to its last byte: record equality does not look into arrays and memory.</summary>
internal static class Dump
{
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder to, object? value)
    {
        switch (value)
        {
            case null:
                to.Append("null");
                break;
            case string or ValueType and (NodeId or QuorumSize or Enum or IFormattable or bool):
                to.Append('"').Append(value).Append('"');
                break;
            case ReadOnlyMemory<byte> bytes:
                to.Append("0x").Append(Convert.ToHexString(bytes.Span));
                break;
            case Key key:
                to.Append(key.Bucket).Append('/').Append(Convert.ToHexString(key.BucketUtf8));
                to.Append('/').Append(Convert.ToHexString(key.Name)).Append('@').Append(key.Position);
                break;
            case VersionVector vector:
                foreach (var r in vector.Ranges)
                    to.Append($"({r.Replica.Node},{r.Replica.Generation:x},{r.First}..{r.Last})");
                break;
            case IEnumerable many:
                to.Append('[');
                foreach (var one in many)
                {
                    Append(to, one);
                    to.Append(", ");
                }

                to.Append(']');
                break;
            default:
                to.Append(value.GetType().Name).Append(" { ");
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    to.Append(property.Name).Append(" = ");
                    Append(to, property.GetValue(value));
                    to.Append(", ");
                }

                to.Append('}');
                break;
        }
    }
}
