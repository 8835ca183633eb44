using System.CommandLine;
using System.Security.Cryptography;
using Dynamo.Cli.Certificates;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo certificates</c>.</summary>
internal static class CertificatesCommand
{
    private const string Summary = "Makes certificates for TLS between nodes and for HTTPS.";

    private const string Lesson = """
        The first 'create' makes a certificate authority in the folder; every 'create' makes one certificate that it signs.
        One certificate may serve all nodes, or each has its own with --name; all bear the DNS name 'dynamo-node' first, which
        is what nodes check each other for (dynamo.remote.tls.verify-dialled). Files with keys are readable by you alone. Keep
        ca.pfx away from the nodes: who has it makes certificates that everybody trusts who trusts yours.

        A certificate does not keep anybody out of Akka.Remote; see docs/security.md.

        Examples:
          dynamo certificates create
          dynamo certificates create --name node1 --host 10.0.1.11 --host db1.example.org --days 90
          DYNAMO_TLS_PASSWORD=... dynamo certificates create --force
        """;

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("certificates", Summary, Lesson, asksNodes: false);
        command.Aliases.Add("certs");
        command.Subcommands.Add(New(session));
        return command;
    }

    private static TaughtCommand New(Session session)
    {
        var folder = new Option<DirectoryInfo>("--folder")
        {
            Description = "The folder of the authority and the certificates.",
            DefaultValueFactory = _ => new DirectoryInfo("./certificates"),
            HelpName = "FOLDER",
        };
        var name = new Option<string>("--name") { Description = "The certificate's name and its file's.", DefaultValueFactory = _ => "node", HelpName = "NAME" };
        var host = new Option<string[]>("--host")
        {
            Description = "A host name or IP address that HTTPS is asked for under; several times. localhost, 127.0.0.1 and ::1 always are.",
            HelpName = "HOST",
        };
        var days = new Option<int>("--days") { Description = $"How long it is good, 1 to {CertificateOptions.MostDays}.", DefaultValueFactory = _ => 365, HelpName = "N" };
        var force = new Option<bool>("--force") { Description = "Replace a certificate of that name; the authority stays." };
        var command = new TaughtCommand("create", "Makes a certificate, and the authority where there is none.", Lesson, asksNodes: false) { folder, name, host, days, force };
        command.SetAction(parse =>
        {
            var options = new CertificateOptions
            {
                Folder = parse.GetValue(folder)!.FullName,
                Name = parse.GetValue(name)!,
                Hosts = ["localhost", "127.0.0.1", "::1", .. parse.GetValue(host) ?? []],
                Days = parse.GetValue(days),
                Password = Environment.GetEnvironmentVariable("DYNAMO_TLS_PASSWORD") ?? "",
                Force = parse.GetValue(force),
            };
            if (options.Check() is { Length: > 0 } wrong) throw new CommandFailure(ExitCode.Usage, wrong);
            var madeAuthority = Make(options);
            if (session.WantsJson(parse)) Document(session.Terminal, options, madeAuthority);
            else Show(session.Terminal, options, madeAuthority);
            return ExitCode.Success;
        });
        return command;
    }

    private static bool Make(CertificateOptions options)
    {
        try
        {
            return DevelopmentCertificates.Create(options, DateTimeOffset.UtcNow);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failure, fault.Message);
        }
        catch (CryptographicException fault)
        {
            throw new CommandFailure(ExitCode.Failure, $"The authority in {options.Folder} cannot be used: {fault.Message}");
        }
    }

    private static void Document(Terminal terminal, CertificateOptions options, bool madeAuthority) => terminal.Json(new
    {
        Certificate = DevelopmentCertificates.NodeFile(options.Folder, options.Name),
        Authority = DevelopmentCertificates.AuthorityFile(options.Folder),
        MadeAuthority = madeAuthority,
        options.Hosts,
        options.Days,
        HasPassword = options.Password.Length > 0,
    });

    private static void Show(Terminal terminal, CertificateOptions options, bool madeAuthority)
    {
        var file = DevelopmentCertificates.NodeFile(options.Folder, options.Name);
        var ca = DevelopmentCertificates.AuthorityFile(options.Folder);
        var password = options.Password.Length > 0 ? "\n  password = ${DYNAMO_TLS_PASSWORD}" : "";
        terminal.Text.WriteLine($$"""
            {{(madeAuthority ? "Made an authority and a certificate" : "Made a certificate")}} for {{string.Join(", ", options.Hosts)}}, good for {{options.Days}} days.

            In each node's configuration:

            dynamo.remote.tls {
              enabled = on
              certificate = "{{file.Replace('\\', '/')}}"{{password}}
            }
            dynamo.http.tls {
              enabled = on
              certificate = "{{file.Replace('\\', '/')}}"{{password}}
            }

            Then ask with: dynamo --url https://HOST:8098 --ca-file {{ca}} status
            """);
        if (password.Length == 0) terminal.Text.WriteLine("The file has no password; its permissions protect it. DYNAMO_TLS_PASSWORD sets one.");
    }
}
