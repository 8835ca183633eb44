using System.Xml.Linq;

namespace Dynamo.Build.Tests;

/// <summary>Result files, cut down from what dotnet test 10.0 and Akka.MultiNode.TestAdapter 1.5.13 wrote.</summary>
public sealed class TrxTests
{
    [Fact]
    public void Passed_and_failed_results_are_counted_and_failures_say_what_they_said()
    {
        var counts = Read("""
            <UnitTestResult testId="1" testName="A.Works" outcome="Passed" />
            <UnitTestResult testId="2" testName="A.Breaks(x: 1)" outcome="Failed">
              <Output>
                <ErrorInfo><Message>Values differ</Message><StackTrace>   at A.Breaks()</StackTrace></ErrorInfo>
              </Output>
            </UnitTestResult>
            <UnitTestResult testId="3" testName="A.Hangs" outcome="Timeout" />
            """);

        Assert.Equal((1, 2), (counts.Passed, counts.Failed));
        Assert.Equal(new FailedTest("A.Breaks(x: 1)", "Values differ\n   at A.Breaks()"), counts.Failures[0]);
        Assert.Equal("A.Hangs", counts.Failures[1].Name);
    }

    [Fact]
    public void A_test_that_reports_itself_as_skipped_is_a_failure()
    {
        var counts = Read("""
            <UnitTestResult testId="1" testName="A.Later" outcome="NotExecuted">
              <Output><ErrorInfo><Message>because</Message></ErrorInfo></Output>
            </UnitTestResult>
            """);

        var failure = Assert.Single(counts.Failures);
        Assert.Equal("It was skipped (\"because\"), and no test may be skipped while it can run.", failure.Text);
    }

    [Fact]
    public void A_multi_node_spec_counts_once_per_node_and_names_the_node_that_failed()
    {
        var counts = Read("""
            <UnitTestResult testId="s" testName="Node 2 [second]" outcome="Failed">
              <Output>
                <StdOut>[INFO] starting
            [INFO] welcome</StdOut>
                <ErrorInfo><Message> : </Message></ErrorInfo>
              </Output>
            </UnitTestResult>
            <UnitTestResult testId="s" testName="Node 1 [first]" outcome="Passed" />
            """,
            """<UnitTest name="PartitionSpec.Heals" id="s" />""");

        Assert.Equal(1, counts.Passed);
        var failure = Assert.Single(counts.Failures);
        Assert.Equal("PartitionSpec.Heals, Node 2 [second]", failure.Name);
        Assert.EndsWith("[INFO] starting\n[INFO] welcome", failure.Text);
    }

    private static TestCounts Read(string results, string definitions = "") => Trx.Read(XDocument.Parse($"""
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
          <Results>{results}</Results>
          <TestDefinitions>{definitions}</TestDefinitions>
        </TestRun>
        """));
}
