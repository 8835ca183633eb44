using System.CommandLine;
using Dynamo.Cli.Http;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo ring</c>.</summary>
internal static class RingCommand
{
    private const string Summary = "Draws the ring, and says which share of it each node owns.";

    private const string Lesson = """
        There is one mark per partition in ring order, in its owner's colour and letter; after the last partition comes
        the first again.

        Examples:
          dynamo ring
          dynamo ring --json
        """;

    // More rows than this do not fit a screen, and the shares say what there is to see.
    private const int MaxDrawn = 4096;
    private const int PerRow = 64;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly Color[] Colours =
    [
        Color.DodgerBlue1, Color.Orange1, Color.Green3, Color.Red1, Color.MediumPurple1, Color.Yellow1, Color.Aqua,
        Color.HotPink, Color.Chartreuse1, Color.SandyBrown, Color.SteelBlue1, Color.Grey70,
    ];

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("ring", Summary, Lesson);
        session.Bind(command, async (parse, node, cancel) =>
        {
            var ring = await node.Json<RingAnswer>("/admin/ring", cancel);
            if (session.WantsJson(parse)) session.Terminal.Json(ring);
            else Draw(session.Terminal, ring);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Draw(Terminal terminal, RingAnswer ring)
    {
        var names = ring.Owners.Distinct().Order(StringComparer.Ordinal).ToList();
        var index = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        if (ring.Owners.Count <= MaxDrawn)
            for (var start = 0; start < ring.Owners.Count; start += PerRow)
            {
                var marks = ring.Owners.Skip(start).Take(PerRow).Select(owner => Mark(index[owner]));
                terminal.Pretty.MarkupLine($"{start,5}  {string.Concat(marks)}");
            }
        else
            terminal.Text.WriteLine($"{ring.Owners.Count} partitions are too many to draw.");

        terminal.Text.WriteLine();
        foreach (var name in names)
        {
            var owned = ring.Owners.Count(owner => owner == name);
            var share = 100.0 * owned / ring.Owners.Count;
            terminal.Pretty.MarkupLine(
                $"{Mark(index[name])}  {Markup.Escape(name),-16} {owned,6} of {ring.Partitions} {share,5:0.0} %");
        }
    }

    private static string Mark(int owner) =>
        $"[{Colours[owner % Colours.Length].ToMarkup()}]{Letters[owner % Letters.Length]}[/]";
}
