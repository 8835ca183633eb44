using System.Reflection;

namespace Dynamo.Telemetry;

/// <summary>Which build this is.</summary>
public static class Build
{
    /// <summary>The version, such as "0.1.0", without the commit that a build may add to it.</summary>
    public static readonly string Version = typeof(Build).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
