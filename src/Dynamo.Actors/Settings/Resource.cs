namespace Dynamo.Actors;

/// <summary>The texts inside this assembly.</summary>
internal static class Resource
{
    public static string Text(string name)
    {
        using var stream = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
