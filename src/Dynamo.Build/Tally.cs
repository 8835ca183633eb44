namespace Dynamo.Build;

/// <summary>Adds up what the projects report and prints it. Thread-safe, since projects run side by side.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    /// <summary>One project's tests have run.</summary>
    public void Add(Project project, TestCounts counts, TimeSpan took)
    {
        using var _ = _lock.EnterScope();
        Passed += counts.Passed;
        Failed += counts.Failed;
        var seconds = took.TotalSeconds;
        Console.WriteLine($"{project.Name,-28} {counts.Passed,6} passed {counts.Failed,4} failed {seconds,7:0.0} s");
        foreach (var failure in counts.Failures)
        {
            Console.WriteLine($"  FAILED {failure.Name}");
            foreach (var line in failure.Text.Split('\n')) Console.WriteLine("    " + line.TrimEnd());
        }
    }

    /// <summary>A project's tests cannot run here: a package or the browser that they need cannot be had.</summary>
    /// <param name="project">The project.</param>
    /// <param name="why">The reason, the end of a sentence.</param>
    public void Skip(Project project, string why)
    {
        using var _ = _lock.EnterScope();
        var count = project.CountTestMethods();
        Skipped += count;
        Console.WriteLine($"{project.Name,-28} {count,6} skipped: {why}.");
    }

    /// <summary>Projects were not built: one failure for each that has tests, and at least one.</summary>
    public void FailBuild(IReadOnlyList<Project> projects, DotNetRun build)
    {
        using var _ = _lock.EnterScope();
        foreach (var line in build.Errors()) Console.WriteLine(line);
        var lost = projects.Where(p => p.IsTest).Select(p => p.Name).ToList();
        Failed += Math.Max(1, lost.Count);
        Console.WriteLine($"The build failed{(lost.Count == 0 ? "" : $"; not run: {string.Join(", ", lost)}")}.");
    }

    /// <summary>Something outside every project is wrong.</summary>
    public void Fail(string sentence)
    {
        using var _ = _lock.EnterScope();
        Failed++;
        Console.WriteLine(sentence);
    }

    /// <summary>Prints the last line.</summary>
    public void Print() => Console.WriteLine($"{Passed} passed, {Failed} failed, {Skipped} skipped");
}
