using System.Runtime.CompilerServices;

namespace Dynamo.Telemetry.Tests;

/// <summary>Files of the repository that the tests hold against a running node.</summary>
internal static class Repository
{
    public static string Text(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", path));

    public static string[] Lines(string path) => Text(path).Split('\n');
}
