using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Dynamo.Build;

/// <summary>A project of the checkout, as its file describes it.</summary>
/// <param name="Path">The full path of the project file.</param>
/// <param name="Packages">The packages it references itself.</param>
/// <param name="References">The full paths of the projects it references itself.</param>
internal sealed partial record Project(string Path, IReadOnlyList<string> Packages, IReadOnlyList<string> References)
{
    private const string Playwright = "Microsoft.Playwright";
    private static readonly string[] Folders = ["src", "tests", "samples"];

    /// <summary>The name without folder and extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether <c>dotnet test</c> finds tests in it.</summary>
    public bool IsTest => Packages.Contains("Microsoft.NET.Test.Sdk", StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a project file.</summary>
    public static Project Load(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(full)!;
        var items = XDocument.Load(full).Descendants().ToList();
        var references = Includes(items, "ProjectReference").Select(r => r.Replace('\\', '/'));
        return new Project(
            full,
            [.. Includes(items, "PackageReference")],
            [.. references.Select(r => System.IO.Path.GetFullPath(r, folder))]);
    }

    /// <summary>Every project under src, tests and samples, by path, whether or not the solution names it.</summary>
    public static IReadOnlyList<Project> Discover(string root) =>
        [.. Folders
            .Select(folder => System.IO.Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
            .Order(StringComparer.Ordinal)
            .Select(Load)];

    /// <summary>This project and every one it references, directly or not.</summary>
    public IReadOnlyList<Project> WithReferences(IReadOnlyCollection<Project> all)
    {
        List<Project> found = [this];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(all.Where(p => found[i].References.Contains(p.Path)).Except(found));
        return found;
    }

    /// <summary>Whether this project or one it references, directly or not, references an Akka.NET package.</summary>
    public bool NeedsAkka(IReadOnlyCollection<Project> all) => WithReferences(all).Any(p => p.Packages.Any(IsAkka));

    /// <summary>Whether its tests drive a browser.</summary>
    public bool NeedsBrowser => Packages.Contains(Playwright, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a package feed may lack a package without anything else being the worse for it.</summary>
    public static bool MayBeMissing(string package) =>
        IsAkka(package) || package.Equals(Playwright, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a package is one of Akka.NET's.</summary>
    public static bool IsAkka(string package) =>
        package.Equals("Akka", StringComparison.OrdinalIgnoreCase)
        || package.StartsWith("Akka.", StringComparison.OrdinalIgnoreCase);

    /// <summary>How many test methods its source files declare: the number to report when it cannot be built.</summary>
    public int CountTestMethods()
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        return Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !IsBuildOutput(System.IO.Path.GetRelativePath(folder, file)))
            .SelectMany(File.ReadLines)
            .Count(line => TestAttribute().IsMatch(line));
    }

    private static bool IsBuildOutput(string relative) =>
        relative.Split(System.IO.Path.DirectorySeparatorChar)[0] is "bin" or "obj";

    private static IEnumerable<string> Includes(IEnumerable<XElement> items, string kind) =>
        items.Where(item => item.Name.LocalName == kind)
            .Select(item => item.Attribute("Include")?.Value)
            .OfType<string>();

    // Nothing but code may stand before it, so that an attribute in a comment or a text does not count.
    [GeneratedRegex(@"^[^""/]*\[(?:[\w.]+(?:\([^\]]*\))?\s*,\s*)*(?:Fact|Theory|MultiNodeFact)\b")]
    private static partial Regex TestAttribute();
}
