using System.Diagnostics;

namespace Dynamo.Build;

/// <summary><c>test</c>: builds what can be restored and runs every test of it.</summary>
internal static class TestVerb
{
    // What runs at the same time as what, in two lanes. Tests of processes wait for much of their time, so those run beside them that mind
    // nothing: they ask for little, or their time is virtual. Clusters within a test's own process take half of two processors, and so do
    // those of multi-node specs. What is named in no lane has the machine for itself.
    private static readonly (string[] One, string[] Other)[] Lanes =
    [
        (["Dynamo.Node.Tests", "Dynamo.Console.Tests"],
        [
            "Dynamo.Bench.Tests", "Dynamo.Build.Tests", "Dynamo.Chaos.Tests", "Dynamo.Cli.Tests", "Dynamo.Core.Tests", "Dynamo.Http.Tests", "Dynamo.Simulation.Tests",
            "Dynamo.Storage.Tests", "Dynamo.Telemetry.Tests",
        ]),
        (["Dynamo.Embedded.Tests", "Dynamo.Client.Tests"], ["Dynamo.MultiNode.Tests", "Dynamo.Actors.Tests"]),
    ];

    /// <summary>Runs the verb.</summary>
    /// <returns>The exit code: 0 when everything was built and no test failed.</returns>
    public static int Run(string[] args)
    {
        if (!TryParse(args, out var filter))
        {
            Console.Error.WriteLine("test takes nothing but --filter EXPRESSION.");
            return 2;
        }

        var all = Project.Discover(Repository.Root);
        var withAkka = all.Where(p => p.NeedsAkka(all)).ToList();
        var total = new Tally();
        List<Project> ready = [];
        using (var compiler = new CompilerServer())
        {
            Build("plain", [.. all.Except(withAkka)], compiler, total, ready);
            Build("akka", withAkka, compiler, total, ready);
        }

        var tests = ready.Where(static p => p.IsTest).ToList();
        foreach (var (one, other) in Lanes) Parallel.Invoke(() => RunEach(Named(one, tests), filter, total), () => RunEach(Named(other, tests), filter, total));
        RunEach(tests.Where(static p => !Lanes.Any(l => l.One.Contains(p.Name) || l.Other.Contains(p.Name))), filter, total);
        if (filter is not null && total is { Passed: 0, Failed: 0 }) total.Fail($"No test matches {filter}.");
        total.Print();
        return total.Failed == 0 ? 0 : 1;
    }

    private static IEnumerable<Project> Named(string[] names, List<Project> tests) => names.SelectMany(name => tests.Where(p => p.Name == name));

    private static void RunEach(IEnumerable<Project> projects, string? filter, Tally total)
    {
        foreach (var project in projects)
        {
            if (project.NeedsBrowser && Chromium.Find() is null)
            {
                total.Skip(project, Chromium.Advice);
                continue;
            }

            var clock = Stopwatch.StartNew();
            total.Add(project, TestProject.Run(project, filter), clock.Elapsed);
        }
    }

    private static bool TryParse(string[] args, out string? filter)
    {
        filter = args switch
        {
            ["--filter", var expression] => expression,
            [var joined] when joined.StartsWith("--filter=", StringComparison.Ordinal) => joined["--filter=".Length..],
            _ => null,
        };
        return args.Length == 0 || filter is { Length: > 0 };
    }

    // Projects whose Akka.NET packages, or Playwright, cannot be had are skipped and the rest is built. A restore that fails for any
    // other reason excuses nobody: then the build has failed.
    private static void Build(string name, List<Project> projects, CompilerServer compiler, Tally total, List<Project> ready)
    {
        if (projects.Count == 0) return;
        Console.WriteLine($"Building {projects.Count} projects ...");
        var build = ProjectBuild.Together(name, projects, compiler);
        if (build.Succeeded)
        {
            ready.AddRange(projects);
            return;
        }

        // A project cannot be had either when only one that it starts or references cannot be restored.
        var missing = ProjectBuild.MissingPackages(build);
        var lost = projects.ToLookup(p => p.WithReferences(projects).Any(r => missing.ContainsKey(r.Path)));
        if (!lost[true].Any())
        {
            total.FailBuild(projects, build);
            return;
        }

        foreach (var project in lost[true].Where(p => p.IsTest))
        {
            var needed = project.WithReferences(projects);
            var packages = needed.SelectMany(r => missing.GetValueOrDefault(r.Path, [])).Distinct().Order(StringComparer.Ordinal);
            total.Skip(project, $"no package feed holds {string.Join(", ", packages)}");
        }

        Build(name, [.. lost[false]], compiler, total, ready);
    }
}
