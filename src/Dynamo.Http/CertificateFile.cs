using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynamo.Http;

/// <summary>A certificate with its private key and those that signed it, from a PKCS #12 file.</summary>
/// <remarks>This file is compiled into Dynamo.Actors as well, which does not reference Dynamo.Http.</remarks>
internal sealed class CertificateFile : IDisposable
{
    private readonly X509Certificate2Collection _all;

    private CertificateFile(X509Certificate2Collection all, X509Certificate2 own)
    {
        _all = all;
        Certificate = own;
    }

    /// <summary>The one with the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The others, which a server sends along.</summary>
    public X509Certificate2Collection Signers => [.. _all.Where(c => c != Certificate)];

    /// <summary>Reads a file; null, and a clause that says why, when it cannot be used now.</summary>
    /// <param name="file">The file.</param>
    /// <param name="password">Its password; "" for none.</param>
    /// <param name="now">The time that the certificate must be valid at.</param>
    /// <param name="error">Such as "cannot be read: …", without a full stop.</param>
    public static CertificateFile? Read(string file, string password, DateTimeOffset now, out string error)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = $"cannot be read: {fault.Message.TrimEnd('.')}";
            return null;
        }

        var own = all.FirstOrDefault(static c => c.HasPrivateKey);
        var read = own is null ? null : new CertificateFile(all, own);
        error = own is null ? "holds no private key"
            : now > own.NotAfter ? $"has expired on {Day(own.NotAfter)}"
            : now < own.NotBefore ? $"is not valid before {Day(own.NotBefore)}"
            : "";
        if (error.Length == 0) return read;
        foreach (var certificate in all) certificate.Dispose();
        return null;
    }

    public void Dispose()
    {
        foreach (var certificate in _all) certificate.Dispose();
    }

    private static string Day(DateTime local) =>
        local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
