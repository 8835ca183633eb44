using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Dynamo.Core.Tests;

/// <summary>The few rules of the house that a machine can keep.</summary>
public class StyleTests
{
    // Only these may reference Akka.NET: everything else must restore, build and run without it.
    private static readonly string[] MayUseAkka =
    [
        "Dynamo.Actors", "Dynamo.Client", "Dynamo.Node", "Dynamo.MultiNode.TestKit", "ShoppingCart", "Dynamo.Actors.Tests",
        "Dynamo.Client.Tests", "Dynamo.Node.Tests", "Dynamo.MultiNode.Tests", "Dynamo.Actors.Benchmarks", "Dynamo.Actors.Fuzz",
        "ShoppingCart.Tests",
    ];

    [Fact]
    public void Akka_stays_in_its_rooms()
    {
        var users = Projects().Where(p => References(p).Any(static r => r.StartsWith("Akka", StringComparison.Ordinal)));
        Assert.Empty(users.Select(Path.GetFileNameWithoutExtension).Except(MayUseAkka));
    }

    [Fact]
    public void What_may_not_use_akka_does_not_reference_what_does()
    {
        foreach (var project in Projects().Where(p => !MayUseAkka.Contains(Path.GetFileNameWithoutExtension(p))))
            Assert.Empty(References(project).Intersect(MayUseAkka));
    }

    [Fact]
    public void Core_stands_on_nothing()
    {
        var core = Projects().Single(p => Path.GetFileName(p) == "Dynamo.Core.csproj");
        Assert.Equal(["Microsoft.CodeAnalysis.BannedApiAnalyzers"], References(core));
        Assert.NotEmpty(File.ReadAllLines(Path.Combine(Path.GetDirectoryName(core)!, "BannedSymbols.txt")));
    }

    [Fact]
    public void Nothing_is_named_so_that_Akka_Actor_stops_resolving()
    {
        Assert.DoesNotContain(Projects(), static p => Path.GetFileNameWithoutExtension(p) == "Dynamo.Akka");
        Assert.DoesNotContain(Sources(), static f => File.ReadAllText(f).Contains("namespace Dynamo." + "Akka", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_fit_a_reader()
    {
        var sources = Sources().ToArray();
        Assert.True(sources.Length > 100, $"only {sources.Length} files were looked at");
        Assert.Empty(sources.Where(static f => File.ReadLines(f).Count() > 350).Select(Path.GetFileName));
    }

    private static IEnumerable<string> References(string project) => XDocument.Load(project).Descendants()
        .Where(static e => e.Name.LocalName is "PackageReference" or "ProjectReference")
        .Select(static e => e.Name.LocalName == "PackageReference"
            ? (string)e.Attribute("Include")!
            : Path.GetFileNameWithoutExtension(((string)e.Attribute("Include")!).Replace('\\', '/')));

    private static IEnumerable<string> Projects() => Files("*.csproj");

    private static IEnumerable<string> Sources() => Files("*.cs");

    private static IEnumerable<string> Files(string pattern, [CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
        return new[] { "src", "tests", "samples" }.Select(folder => Path.Combine(root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(static f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }
}
