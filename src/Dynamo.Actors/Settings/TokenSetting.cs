namespace Dynamo.Actors;

/// <summary>The HTTP interface's bearer token: in the configuration, or in a file that only the node's user can read.</summary>
internal static class TokenSetting
{
    private const int LongestToken = 4096;

    /// <summary>The token; null when none is asked for. The token itself is in no sentence.</summary>
    public static string? Read(SettingsReader reader, List<string> errors)
    {
        var token = reader.Text("dynamo.http.token");
        var file = reader.Text("dynamo.http.token-file");
        if (file.Length == 0) return token.Length == 0 ? null : token;
        if (token.Length > 0) errors.Add("dynamo.http.token and dynamo.http.token-file are both set; one of them says what the token is.");
        try
        {
            token = File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"dynamo.http.token-file is \"{file}\", which cannot be read: {fault.Message}");
            return null;
        }

        if (token.Length is 0 or > LongestToken || token.Any(static c => c is <= ' ' or > '~'))
            errors.Add($"dynamo.http.token-file is \"{file}\", which must hold one word of 1 to {LongestToken} printable ASCII characters.");
        return token;
    }
}
