using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Dynamo.Cli;

/// <summary>A command whose --help says more than what its options are.</summary>
/// <param name="name">The word.</param>
/// <param name="summary">One sentence, which its parent's help shows too.</param>
/// <param name="lesson">What to know and examples, shown after the options.</param>
/// <param name="asksNodes">Whether it asks a node; where it does not the help leaves out how nodes are found and let one in.</param>
internal sealed class TaughtCommand(string name, string summary, string lesson, bool asksNodes = true) : Command(name, summary)
{
    public string Lesson { get; } = lesson;

    public bool AsksNodes { get; } = asksNodes;
}

/// <summary>The usual help, then the command's lesson.</summary>
/// <remarks>The description cannot hold the lesson: the parent would print all of it in its list of commands.</remarks>
internal sealed class TeachingHelp(HelpAction usual, string rootLesson, IReadOnlyList<Option> forNodes) : SynchronousCommandLineAction
{
    /// <summary>Makes a root's --help teach.</summary>
    /// <param name="root">The root.</param>
    /// <param name="lesson">Its own lesson.</param>
    /// <param name="forNodes">The options of commands that ask a node.</param>
    public static void Install(RootCommand root, string lesson, IReadOnlyList<Option> forNodes)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!, lesson, forNodes);
    }

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is TaughtCommand { AsksNodes: false })
            foreach (var option in forNodes) option.Hidden = true;
        var result = usual.Invoke(parseResult);
        var lesson = parseResult.CommandResult.Command switch
        {
            RootCommand => rootLesson,
            TaughtCommand taught => taught.Lesson,
            _ => null,
        };
        if (lesson is not null) parseResult.InvocationConfiguration.Output.WriteLine(lesson);
        return result;
    }
}
