using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Dynamo.Build;

/// <summary>Builds some of the checkout's projects with one run of the SDK, and reads why it failed.</summary>
internal static partial class ProjectBuild
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly string[] Quietly = ["-c", Repository.Configuration, "-v:quiet", "-tl:off", "-nologo"];

    /// <summary>Restores and builds projects together.</summary>
    /// <remarks>
    /// Where the Akka.NET packages are missing the repository's own solution cannot be restored at all, so the projects
    /// are written into a solution of their own.
    /// </remarks>
    /// <param name="name">A name for that solution.</param>
    /// <param name="projects">What to build.</param>
    /// <param name="compiler">Who compiles them.</param>
    public static DotNetRun Together(string name, IEnumerable<Project> projects, CompilerServer compiler)
    {
        var path = Path.Combine(Repository.Artifacts("build"), name + ".slnx");
        var entries = projects.Select(p => new XElement("Project", new XAttribute("Path", p.Path)));
        File.WriteAllText(path, new XElement("Solution", entries).ToString());
        return DotNet.Run(Limit, ["build", path, .. Quietly, .. compiler.Options]);
    }

    /// <summary>Restores and builds one program; the last line of a success is the path of its assembly.</summary>
    public static DotNetRun Program(string project) =>
        DotNet.Run(Limit, ["build", Repository.At(project), .. Quietly, "-t:Build", "-getProperty:TargetPath"]);

    /// <summary>The path of the assembly that a <see cref="Program"/> build has made.</summary>
    public static string TargetPath(DotNetRun build) => build.Lines[^1].Trim();

    /// <summary>
    /// The packages that no package feed holds and that may be missing, Akka.NET's and Playwright, by project file; empty
    /// unless a build failed for that reason and no other.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> MissingPackages(DotNetRun build)
    {
        var missing = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var line in build.Succeeded ? [] : build.Errors())
        {
            var match = MissingPackage().Match(line);
            var package = match.Groups["package"].Value;
            if (!match.Success || !Project.MayBeMissing(package)) return new Dictionary<string, IReadOnlyList<string>>();
            var project = Path.GetFullPath(match.Groups["project"].Value);
            missing[project] = [.. missing.GetValueOrDefault(project, []), package];
        }

        return missing;
    }

    // Only NU1101: a version that does not exist (NU1102) is this repository's mistake, not a feed's.
    [GeneratedRegex(@"^\s*(?<project>.+?) : error NU1101: Unable to find package (?<package>[\w.-]+?)\. ")]
    private static partial Regex MissingPackage();
}
