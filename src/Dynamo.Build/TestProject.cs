using System.Xml.Linq;

namespace Dynamo.Build;

/// <summary>Runs the tests of one project that has been built.</summary>
internal static class TestProject
{
    // Far above what any project needs: it only keeps a test that hangs from holding the whole run.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    /// <summary>Runs the tests; whatever goes wrong outside a test is one failure more.</summary>
    /// <param name="project">The project.</param>
    /// <param name="filter">An expression of <c>dotnet test --filter</c>, or null for every test.</param>
    public static TestCounts Run(Project project, string? filter)
    {
        var folder = Repository.Artifacts("test");
        var file = Path.Combine(folder, project.Name + ".trx");
        // A run that dies early must not be judged by the results of the one before it.
        File.Delete(file);
        List<string> arguments =
        [
            // -m:1 because the nodes of a multi-node spec are processes that want the machine for themselves.
            "test", project.Path, "-c", Repository.Configuration, "--no-build", "-m:1", "-nologo", "-v:quiet",
            "--logger", $"trx;LogFileName={project.Name}.trx", "--results-directory", folder,
        ];
        if (filter is not null) arguments.AddRange(["--filter", filter]);
        var run = DotNet.Run(Limit, arguments);
        // With a filter that matches nothing in this project no file is written, and nothing is wrong.
        var counts = File.Exists(file) ? Trx.Read(XDocument.Load(file)) : TestCounts.None;
        return Complaint(run, counts, filter is not null) is { } complaint
            ? counts with { Failures = [.. counts.Failures, new FailedTest(project.Name, complaint)] }
            : counts;
    }

    private static string? Complaint(DotNetRun run, TestCounts counts, bool filtered)
    {
        if (run.ExitCode is null)
            return $"The tests did not end within {Limit.TotalMinutes:0} minutes and were stopped.";
        if (!run.Succeeded && counts.Failed == 0)
            return "The test run itself failed.\n" + string.Join('\n', run.Errors());
        if (counts.Passed + counts.Failed == 0 && !filtered)
            return "Not one test ran.\n" + string.Join('\n', run.Lines);
        return null;
    }
}
