using Dynamo.Build;

const string Usage = """
    Usage:
      ./build.sh test [--filter EXPRESSION]
          Builds everything and runs every test. EXPRESSION is dotnet test's own, such as FullyQualifiedName~Ring.
          Tests of projects whose Akka.NET packages no package feed holds are named and counted as skipped, and so are
          the console's where there is no Chromium (CHROMIUM names one that is not on the path).
          The last line is "N passed, N failed, N skipped"; the exit code is 0 when nothing failed.
      ./build.sh up [--nodes 3] [--http 8098] [--data ./data] [--embedded] [...]
          Builds, starts a cluster on this machine and prints a line that begins "ready:" once it can be used.
          Node i serves HTTP on port http + i - 1. Ctrl-C or SIGTERM stops all of it.
          Every option is the dynamo tool's own: ./build.sh up --help lists them all.
      ./build.sh chaos [--minutes 10] [--seed N] [--faults kill,partition,...] [--set-test] [...]
          Builds, starts five node processes in network namespaces of their own, breaks them under load, and checks that
          nothing acknowledged is lost. ./build.sh chaos --help lists the faults.
      ./build.sh bench [--quick] [--only memory,skeleton,...] [--rounds 5] [...]
          Builds, measures Dynamo and what it is held against side by side on this machine, and prints medians and ratios.
          ./build.sh bench --help lists what can be measured.

    On Windows, or wherever PowerShell is at home: ./build.ps1 with the same words.
    """;

var verb = args.FirstOrDefault();
switch (verb)
{
    case null or "--help" or "-h" or "-?" or "help":
        Console.WriteLine(Usage);
        return 0;
    case "test":
        return TestVerb.Run(args[1..]);
    case "up":
        return UpVerb.Run(args[1..]);
    case "chaos":
        return ChaosVerb.Run(args[1..]);
    case "bench":
        return BenchVerb.Run(args[1..]);
    default:
        Console.Error.WriteLine($"There is no '{verb}'.");
        Console.Error.WriteLine(Usage);
        return 2;
}
