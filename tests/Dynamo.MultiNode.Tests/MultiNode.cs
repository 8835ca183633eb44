// Every spec of this assembly runs in one process per node, which this framework starts. An ordinary [Fact] would not
// be found here, and dotnet test must run with -m:1, because the processes want the machine for themselves.
[assembly: TestFramework("Akka.MultiNode.TestAdapter.MultiNodeTestFramework", "Akka.MultiNode.TestAdapter")]
