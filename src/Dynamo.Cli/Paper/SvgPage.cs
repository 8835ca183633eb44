using System.Text;

namespace Dynamo.Cli.Paper;

/// <summary>A picture in the making: a white page, and what is put on it, the last on top. Lengths are pixels.</summary>
internal sealed class SvgPage
{
    /// <summary>Colours that stay apart in print and for most colour-blind eyes.</summary>
    private static readonly string[] Colours = ["#d1495b", "#e0a030", "#1f6f8b", "#6a4c93", "#3a7d44", "#b9c0c6"];

    private readonly StringBuilder _body = new();

    public SvgPage(int width, int height)
    {
        _body.Append($"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif">
            <rect width="{width}" height="{height}" fill="white"/>

            """);
    }

    /// <summary>The colour of a number, whatever it is.</summary>
    public static string Colour(int number) => Colours[number % Colours.Length];

    public void Line(double x1, double y1, double x2, double y2, string colour, double width = 1) =>
        Add($"""<line x1="{At(x1)}" y1="{At(y1)}" x2="{At(x2)}" y2="{At(y2)}" stroke="{colour}" stroke-width="{width}"/>""");

    /// <summary>A line through points, broken into dashes if asked.</summary>
    public void Path(IEnumerable<(double X, double Y)> points, string colour, bool isBroken)
    {
        var dashes = isBroken ? " stroke-dasharray=\"6 4\"" : "";
        Add($"""<polyline points="{Joined(points)}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>""");
    }

    public void Area(IEnumerable<(double X, double Y)> points, string colour) =>
        Add($"""<polygon points="{Joined(points)}" fill="{colour}" fill-opacity="0.3"/>""");

    public void Ring(double x, double y, string colour) =>
        Add($"""<circle cx="{At(x)}" cy="{At(y)}" r="4" fill="white" stroke="{colour}" stroke-width="2"/>""");

    public void Box(double x, double y, double width, double height, string fill, string stroke = "none", double round = 0) =>
        Add($"""<rect x="{At(x)}" y="{At(y)}" width="{At(width)}" height="{At(height)}" rx="{round}" fill="{fill}" stroke="{stroke}"/>""");

    /// <summary>A line of text.</summary>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">The text.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="size">The size of its letters.</param>
    /// <param name="isUpright">Whether it runs from below to above.</param>
    public void Text(double x, double y, string text, string anchor = "start", int size = 13, bool isUpright = false)
    {
        var turn = isUpright ? $" transform=\"rotate(-90 {At(x)} {At(y)})\"" : "";
        var safe = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        Add($"""<text x="{At(x)}" y="{At(y)}" text-anchor="{anchor}" font-size="{size}" fill="#222"{turn}>{safe}</text>""");
    }

    public override string ToString() => $"{_body}</svg>\n";

    private static string Joined(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(static p => $"{At(p.X)},{At(p.Y)}"));

    // A tenth of a pixel is finer than anybody sees, and the same text on every machine.
    private static string At(double length) => length.ToString("0.#");

    private void Add(string element) => _body.Append(element).Append('\n');
}
