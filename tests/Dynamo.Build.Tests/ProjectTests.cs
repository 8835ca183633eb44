namespace Dynamo.Build.Tests;

/// <summary>What is read from project files, and what is made of a failed restore.</summary>
public sealed class ProjectTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dynamo-build-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_project_needs_Akka_when_anything_below_it_references_a_package_of_Akka()
    {
        Write("src/Core/Core.csproj", """<PackageReference Include="Akkaesque" />""");
        Write(
            "src/Actors/Actors.csproj",
            """<PackageReference Include="Akka.Cluster" /><ProjectReference Include="..\Core\Core.csproj" />""");
        Write("src/Node/Node.csproj", """<ProjectReference Include="../Actors/Actors.csproj" />""");
        Write("tests/Node.Tests/Node.Tests.csproj", """
            <PackageReference Include="Microsoft.NET.Test.Sdk" />
            <ProjectReference Include="../../src/Node/Node.csproj" ReferenceOutputAssembly="false" />
            """);

        var all = Project.Discover(_root);

        Assert.Equal(["Actors", "Core", "Node", "Node.Tests"], all.Select(p => p.Name));
        Assert.Equal(["Actors", "Node", "Node.Tests"], all.Where(p => p.NeedsAkka(all)).Select(p => p.Name));
        Assert.Equal(["Node.Tests"], all.Where(p => p.IsTest).Select(p => p.Name));
    }

    [Fact]
    public void Test_methods_are_counted_in_the_source()
    {
        var project = Write("tests/A.Tests/A.Tests.csproj", "");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(project)!, "ATests.cs"), """
            [Fact]
            public void One() { }
                [Theory(DisplayName = "x"), Trait("a", "b")]
                [InlineData(1)]
            public void Two(int x) { }
              [MultiNodeFact] public void Three() { }
            [Trait("a", "b"), Fact]
            public void Four() { }
            public class Inner { [Fact] public void Five() { } }
            // [Fact] not this one
            [FactoryMade]
            var text = "[Fact]";
            """);
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(project)!, "obj"));
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(project)!, "obj", "Copy.cs"), "[Fact]");

        Assert.Equal(5, Project.Load(project).CountTestMethods());
    }

    [Fact]
    public void Missing_packages_of_Akka_are_told_project_by_project()
    {
        var missing = ProjectBuild.MissingPackages(new DotNetRun(1,
        [
            "  Determining projects to restore...",
            NotFound("A", "Akka"), NotFound("A", "Akka.Cluster.Tools"), NotFound("B", "Akka"),
        ]));

        Assert.Equal(["Akka", "Akka.Cluster.Tools"], missing[Path.GetFullPath("/r/A.csproj")]);
        Assert.Equal(["Akka"], missing[Path.GetFullPath("/r/B.csproj")]);
    }

    [Fact]
    public void Playwright_may_be_missing_too_and_its_projects_need_a_browser()
    {
        Write("tests/C.Tests/C.Tests.csproj", """<PackageReference Include="Microsoft.Playwright" />""");
        var project = Assert.Single(Project.Discover(_root));
        Assert.True(project.NeedsBrowser);
        Assert.False(project.NeedsAkka([project]));
        var missing = ProjectBuild.MissingPackages(new DotNetRun(1, [NotFound("C", "Microsoft.Playwright")]));
        Assert.Equal(["Microsoft.Playwright"], missing[Path.GetFullPath("/r/C.csproj")]);
    }

    [Theory]
    [InlineData("NU1101: Unable to find package xunit. No packages exist with this id in source(s): feed")]
    [InlineData("NU1102: Unable to find package Akka with version (>= 9.9.9)")]
    [InlineData("NU1301: Unable to load the service index for source https://packages.example/v3/index.json.")]
    public void Any_other_failure_excuses_nothing(string error)
    {
        var build = new DotNetRun(1, [NotFound("A", "Akka"), $"/r/A.csproj : error {error}"]);

        Assert.Empty(ProjectBuild.MissingPackages(build));
    }

    [Fact]
    public void A_build_that_succeeds_misses_nothing() => Assert.Empty(ProjectBuild.MissingPackages(new DotNetRun(0, [])));

    [Fact]
    public void Every_project_of_this_repository_is_in_its_solution()
    {
        var solution = File.ReadAllText(Repository.At("Dynamo.Akka.sln"));

        var missing = Project.Discover(Repository.Root)
            .Where(project => !solution.Contains($"\\{project.Name}.csproj\"", StringComparison.Ordinal))
            .Select(project => project.Name)
            .ToList();

        Assert.Empty(missing);
    }

    private static string NotFound(string project, string package) =>
        $"/r/{project}.csproj : error NU1101: Unable to find package {package}. "
        + "No packages exist with this id in source(s): feed [/r/x.slnx]";

    private string Write(string path, string items)
    {
        var full = Path.Combine([_root, .. path.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, $"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{items}</ItemGroup></Project>""");
        return full;
    }
}
