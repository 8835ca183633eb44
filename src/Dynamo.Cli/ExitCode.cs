namespace Dynamo.Cli;

/// <summary>What the tool's exit codes mean; the root's --help lists them.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>The answer is no: not found, refused by the node, or a cluster that did not start.</summary>
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>No node answered at the address.</summary>
    public const int Unreachable = 3;

    /// <summary>The node answered that it cannot do it now: too few replicas, a time-out, or too much to do.</summary>
    public const int Unavailable = 4;
}

/// <summary>Ends a command with an exit code and one sentence on standard error.</summary>
internal sealed class CommandFailure(int exitCode, string sentence) : Exception(sentence)
{
    public int ExitCode { get; } = exitCode;
}
