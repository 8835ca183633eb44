namespace Dynamo.Build;

/// <summary>The checkout this program was built from.</summary>
internal static class Repository
{
    /// <summary>The one configuration that is built.</summary>
    /// <remarks>
    /// Tests run in Release too: the simulated runs are several times faster there, the invariants are checked in both,
    /// and what is tested is then what <c>up</c> starts.
    /// </remarks>
    public const string Configuration = "Release";

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A folder for what this program makes, which git ignores.</summary>
    public static string Artifacts(string name) =>
        Directory.CreateDirectory(Path.Combine(Root, "artifacts", name)).FullName;

    /// <summary>A file or folder of the checkout, named with forward slashes.</summary>
    public static string At(string relative) => Path.Combine([Root, .. relative.Split('/')]);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("Dynamo.Akka.sln").Length == 0) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No Dynamo.Akka.sln above this program.");
    }
}
