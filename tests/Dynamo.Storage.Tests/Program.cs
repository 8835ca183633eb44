using Dynamo.Storage;
using Dynamo.Storage.Tests;

// The child of ProcessTests: writes without end and says what became durable, until somebody kills it.
using var engine = SqliteEngine.Open(new SqliteOptions { Folder = args[0] });
var output = Console.Out;
for (var i = 0; ; i++)
{
    var n = i;
    engine.Enqueue([Engines.Put(Samples.KeyOf(n % 500), Samples.Stored((ulong)n + 1, $"{n}"))], result =>
    {
        output.WriteLine(result.Error ?? $"{n}");
        output.Flush();
    });
    // A barrier now and then, so that the child does not run far ahead of its disk.
    if (n % 50 == 0) engine.Store();
}
