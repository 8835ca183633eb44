namespace Dynamo.Build;

/// <summary>Finds the browser that the console's tests drive.</summary>
internal static class Chromium
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"];

    /// <summary>What to do where there is none.</summary>
    public const string Advice = "no Chromium was found; install one, or name its program in CHROMIUM";

    /// <summary>
    /// The program: the one named in CHROMIUM, else one on the path, else what Playwright has installed; null when there is none.
    /// </summary>
    public static string? Find() => Find(Environment.GetEnvironmentVariable, Playwrights());

    /// <summary>The same with the environment and Playwright's folder given.</summary>
    public static string? Find(Func<string, string?> environment, string? playwrights)
    {
        // Who names a program that is not there is told so by finding none, and not by a run in another one.
        if (environment("CHROMIUM") is { Length: > 0 } named) return File.Exists(named) ? named : null;
        var endings = OperatingSystem.IsWindows() ? (string[])[".exe"] : [""];
        var folders = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var onPath =
            from name in Names
            from folder in folders
            from ending in endings
            select Path.Combine(folder, name + ending);
        return onPath.Concat(Installed(playwrights)).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> Installed(string? folder) => folder is null || !Directory.Exists(folder)
        ? []
        : from version in Directory.GetDirectories(folder, "chromium-*").OrderDescending(StringComparer.Ordinal)
          from program in (string[])
          [
              "chrome-linux/chrome", "chrome-linux64/chrome", "chrome-win/chrome.exe", "chrome-win64/chrome.exe",
              "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
          ]
          select Path.Combine([version, .. program.Split('/')]);

    private static string? Playwrights()
    {
        if (Environment.GetEnvironmentVariable("PLAYWRIGHT_BROWSERS_PATH") is { Length: > 0 } named) return named;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "ms-playwright");
        return OperatingSystem.IsMacOS()
            ? Path.Combine(home, "Library", "Caches", "ms-playwright")
            : Path.Combine(home, ".cache", "ms-playwright");
    }
}
