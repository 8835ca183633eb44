using System.Runtime.CompilerServices;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Scenarios;

/// <summary>The scripts beside this file: what Dynamo does, told step by step, and compared with what it did when last read.</summary>
/// <remarks>After a change that is meant to show, run with <c>DYNAMO_REWRITE_SCENARIOS=1</c> and read the difference.</remarks>
public class ScenarioTests
{
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder(), "*.txt").Select(static path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Goes_as_it_is_told(string script)
    {
        var path = Path.Combine(Folder(), script);
        var told = File.ReadAllText(path).ReplaceLineEndings("\n");
        var happened = Scenario.Run(told);
        if (Environment.GetEnvironmentVariable("DYNAMO_REWRITE_SCENARIOS") == "1") File.WriteAllText(path, happened);
        else Assert.Equal(told, happened);
    }

    [Fact]
    public void A_script_that_tells_something_else_is_caught()
    {
        const string script = "cluster 3\nput o1 \"milk\"\n    stored {(o1,1)}\nget o2\n    found \"honey\"@o1.1 {(o1,1)}\n";
        Assert.NotEqual(script, Scenario.Run(script));
        Assert.Equal(script.Replace("honey", "milk"), Scenario.Run(script));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
