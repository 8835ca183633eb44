using System.Net;

namespace Dynamo.Cli.Certificates;

/// <summary>What a certificate is made for.</summary>
internal sealed record CertificateOptions
{
    /// <summary>The name that all nodes' certificates have in common, and the first of each: what a node checks a peer for.</summary>
    public const string CommonName = "dynamo-node";

    /// <summary>The longest validity: about what browsers and systems still take.</summary>
    public const int MostDays = 825;

    /// <summary>The folder that the files lie in.</summary>
    public required string Folder { get; init; }

    /// <summary>The certificate's name and its file's: letters, digits, '-', '_' or '.', 1 to 64 of them.</summary>
    public string Name { get; init; } = "node";

    /// <summary>Hosts and IP addresses that it is good for.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>How long it is good, in days, 1 to 825.</summary>
    public int Days { get; init; } = 365;

    /// <summary>The password of the PKCS #12 file; "" for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether a certificate that is there already is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Everything that is wrong, in one line; "" when the options can be used.</summary>
    public string Check()
    {
        List<string> wrong = [];
        if (Name.Length is 0 or > 64 || Name.StartsWith('.') || Name == "ca" || Name.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
            wrong.Add($"--name is '{Name}'; it must be 1 to 64 letters, digits, '-', '_' or '.', and not 'ca'.");
        if (Days is < 1 or > MostDays) wrong.Add($"--days is {Days}; it must be 1 to {MostDays}.");
        foreach (var host in Hosts)
            if (!IPAddress.TryParse(host, out _) && Uri.CheckHostName(host) != UriHostNameType.Dns)
                wrong.Add($"'{host}' is no host name and no IP address.");
        return string.Join(' ', wrong);
    }
}
