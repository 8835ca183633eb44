namespace Dynamo.Build;

/// <summary>One compiler for all projects that a run builds, which ends with it.</summary>
/// <remarks>
/// Without it each project starts a compiler of its own, and that one compiles itself first: more than half of a whole build's time. It has a name
/// of its own, so that no other build's server is used, or ended.
/// </remarks>
internal sealed class CompilerServer : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly string _pipe = $"dynamo-build-{Guid.NewGuid():N}";

    /// <summary>What a build is told so that it uses this one: the first that compiles something starts it.</summary>
    public IReadOnlyList<string> Options => ["-p:UseSharedCompilation=true", $"-p:SharedCompilationId={_pipe}"];

    /// <summary>Ends it; one that was never started, or cannot be found, ends by itself when nobody has asked it for ten minutes.</summary>
    public void Dispose()
    {
        var asked = DotNet.Run(
            Limit, "msbuild", Repository.At("src/Dynamo.Build/Dynamo.Build.csproj"), "-nologo", "-getProperty:RoslynTargetsPath");
        if (asked.Succeeded)
            DotNet.Run(Limit, Path.Combine(asked.Lines[^1].Trim(), "bincore", "VBCSCompiler.dll"), "-shutdown", $"-pipename:{_pipe}");
    }
}
