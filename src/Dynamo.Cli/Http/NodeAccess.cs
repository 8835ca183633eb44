using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Dynamo.Cli.Http;

/// <summary>How the nodes let one in, and how one knows them.</summary>
/// <param name="Token">The bearer token; null for none.</param>
/// <param name="Authorities">Who must have signed the nodes' certificates; null for whom this machine trusts.</param>
/// <param name="AnyCertificate">Whether any certificate will do.</param>
internal sealed record NodeAccess(string? Token = null, X509Certificate2Collection? Authorities = null, bool AnyCertificate = false)
{
    /// <summary>How the TLS of a connection is checked.</summary>
    public SslClientAuthenticationOptions Tls()
    {
        var options = new SslClientAuthenticationOptions();
        if (Authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }
#pragma warning disable CA5359 // Asked for by name: --insecure.
        if (AnyCertificate) options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return options;
    }
}
