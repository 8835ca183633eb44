using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynamo.Cli.Certificates;

/// <summary>A certificate authority in a folder, and certificates of nodes that it signs.</summary>
/// <remarks>
/// <code>
///   ca.pfx    the authority with its private key, without a password: who has it can make certificates that all trust
///   ca.crt    the authority for those who trust it, as PEM
///   NAME.pfx  a node's certificate with its private key, and the authority
/// </code>
/// </remarks>
internal static class DevelopmentCertificates
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1", ClientAuth = "1.3.6.1.5.5.7.3.2";
    private const int AuthorityDays = 3650;

    // Clocks of machines differ.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    /// <summary>The file of the authority for those who trust it.</summary>
    public static string AuthorityFile(string folder) => Path.Combine(folder, "ca.crt");

    /// <summary>The file of a node's certificate.</summary>
    public static string NodeFile(string folder, string name) => Path.Combine(folder, name + ".pfx");

    /// <summary>Makes a node's certificate, and the authority first where there is none.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="from">When it begins to be good; it is good an hour earlier, since clocks differ.</param>
    /// <returns>Whether the authority was made too.</returns>
    /// <exception cref="IOException">A file is there already, or cannot be written; the message says which.</exception>
    public static bool Create(CertificateOptions options, DateTimeOffset from)
    {
        var file = NodeFile(options.Folder, options.Name);
        if (File.Exists(file) && !options.Force)
            throw new IOException($"{file} is there already; --force replaces it.");
        MakeFolder(options.Folder);
        var authorityFile = Path.Combine(options.Folder, "ca.pfx");
        var isNew = !File.Exists(authorityFile);
        using var authority = isNew ? MakeAuthority(from) : X509CertificateLoader.LoadPkcs12FromFile(authorityFile, "", X509KeyStorageFlags.Exportable);
        if (isNew) Write(authorityFile, authority.Export(X509ContentType.Pkcs12, ""));
        File.WriteAllText(AuthorityFile(options.Folder), authority.ExportCertificatePem() + "\n");
        using var node = Sign(authority, options, from);
        X509Certificate2Collection both = [node, X509CertificateLoader.LoadCertificate(authority.RawData)];
        Write(file, both.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, options.Password));
        return isNew;
    }

    private static X509Certificate2 MakeAuthority(DateTimeOffset from)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Dynamo development CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(from - Slack, from.AddDays(AuthorityDays));
    }

    private static X509Certificate2 Sign(X509Certificate2 authority, CertificateOptions options, DateTimeOffset from)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={options.Name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuth), new Oid(ClientAuth)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(Names(options.Hosts));
        var until = from.AddDays(options.Days);
        if (until > authority.NotAfter) until = authority.NotAfter;
        using var signed = request.Create(authority, from - Slack, until, RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }

    // The first DNS name is the one that nodes check each other for, so it is the same in all of them.
    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(CertificateOptions.CommonName);
        foreach (var host in hosts.Distinct())
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        return names.Build();
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // Made with these permissions, not given them later: nobody reads it in between.
    private static void Write(string file, byte[] bytes)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        stream.Write(bytes);
    }
}
