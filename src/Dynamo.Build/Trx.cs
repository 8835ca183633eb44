using System.Xml.Linq;

namespace Dynamo.Build;

/// <summary>A test that did not pass.</summary>
/// <param name="Name">The test, with the node that failed when it is a multi-node spec.</param>
/// <param name="Text">What it said.</param>
internal sealed record FailedTest(string Name, string Text);

/// <summary>The outcome of one project's tests.</summary>
internal sealed record TestCounts(int Passed, int Skipped, IReadOnlyList<FailedTest> Failures)
{
    public static readonly TestCounts None = new(0, 0, []);

    public int Failed => Failures.Count;
}

/// <summary>Reads the result file that <c>dotnet test --logger trx</c> writes.</summary>
/// <remarks>
/// A multi-node spec has one result per node, each named "Node n [role]", and counts as that many tests; so it is green
/// only if every node is.
/// </remarks>
internal static class Trx
{
    private static readonly XNamespace Ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>Counts the results; a test that reports itself as skipped is a failure.</summary>
    public static TestCounts Read(XDocument trx)
    {
        var names = trx.Descendants(Ns + "UnitTest")
            .DistinctBy(test => (string?)test.Attribute("id"))
            .ToDictionary(test => (string?)test.Attribute("id") ?? "", test => (string?)test.Attribute("name") ?? "");
        var passed = 0;
        List<FailedTest> failures = [];
        foreach (var result in trx.Descendants(Ns + "UnitTestResult"))
        {
            var outcome = (string?)result.Attribute("outcome");
            if (outcome == "Passed")
            {
                passed++;
                continue;
            }

            var own = (string?)result.Attribute("testName") ?? "";
            var spec = names.GetValueOrDefault((string?)result.Attribute("testId") ?? "", "");
            var name = own.StartsWith("Node ", StringComparison.Ordinal) && spec.Length > 0 ? $"{spec}, {own}" : own;
            failures.Add(new FailedTest(name, Describe(result, outcome)));
        }

        return new TestCounts(passed, 0, failures);
    }

    private static string Describe(XElement result, string? outcome)
    {
        var message = result.Descendants(Ns + "Message").FirstOrDefault()?.Value.Trim(' ', ':', '\r', '\n') ?? "";
        if (outcome == "NotExecuted")
            return $"It was skipped (\"{message}\"), and no test may be skipped while it can run.";
        var stack = result.Descendants(Ns + "StackTrace").FirstOrDefault()?.Value.TrimEnd() ?? "";
        var text = string.Join('\n', new[] { message, stack }.Where(part => part.Length > 0));
        // A node of a multi-node spec reports no message of its own; what it printed last is the nearest thing to one.
        if (text.Length > 0) return text;
        var output = result.Descendants(Ns + "StdOut").FirstOrDefault()?.Value ?? "";
        return $"Outcome: {outcome}.\n" + Tail(output);
    }

    private static string Tail(string output)
    {
        var lines = output.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0);
        return string.Join('\n', lines.TakeLast(20));
    }
}
