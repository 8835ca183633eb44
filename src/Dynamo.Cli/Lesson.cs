using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Dynamo.Cli;

/// <summary>A command whose --help says more than what its options are.</summary>
/// <param name="name">The word.</param>
/// <param name="summary">One sentence, which its parent's help shows too.</param>
/// <param name="lesson">What to know and examples, shown after the options.</param>
internal sealed class TaughtCommand(string name, string summary, string lesson) : Command(name, summary)
{
    public string Lesson { get; } = lesson;
}

/// <summary>The usual help, then the command's lesson.</summary>
/// <remarks>The description cannot hold the lesson: the parent would print all of it in its list of commands.</remarks>
internal sealed class TeachingHelp(HelpAction usual, string rootLesson) : SynchronousCommandLineAction
{
    /// <summary>Makes a root's --help teach.</summary>
    public static void Install(RootCommand root, string lesson)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!, lesson);
    }

    public override int Invoke(ParseResult parseResult)
    {
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
