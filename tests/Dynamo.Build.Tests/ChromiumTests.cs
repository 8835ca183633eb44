namespace Dynamo.Build.Tests;

/// <summary>Where the browser of the console's tests is looked for, and in which order.</summary>
public sealed class ChromiumTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dynamo-chromium-").FullName;

    private static string Ending => OperatingSystem.IsWindows() ? ".exe" : "";

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_one_that_is_named_comes_first_and_no_other_takes_its_place()
    {
        var named = Make("named/mine");
        var onPath = Make("bin/chromium" + Ending);
        Assert.Equal(named, Find(named, Folder(onPath)));
        Assert.Null(Find(Path.Combine(_root, "not-there"), Folder(onPath)));
    }

    [Fact]
    public void One_on_the_path_comes_before_what_Playwright_has_installed()
    {
        var installed = Make("playwright/chromium-1200/chrome-linux/chrome");
        Assert.Equal(installed, Find(null, Path.Combine(_root, "empty")));
        var newer = Make("playwright/chromium-1234/chrome-linux64/chrome");
        Assert.Equal(newer, Find(null, ""));
        var onPath = Make("bin/google-chrome" + Ending);
        Assert.Equal(onPath, Find(null, Folder(onPath)));
    }

    [Fact]
    public void Where_there_is_none_none_is_found() => Assert.Null(Find(null, _root));

    private static string Folder(string file) => Path.GetDirectoryName(file)!;

    private string? Find(string? named, string path) => Chromium.Find(
        name => name switch { "CHROMIUM" => named, "PATH" => path, _ => null }, Path.Combine(_root, "playwright"));

    private string Make(string relative)
    {
        var path = Path.Combine([_root, .. relative.Split('/')]);
        Directory.CreateDirectory(Folder(path));
        File.WriteAllText(path, "");
        return path;
    }
}
