using System.CommandLine;
using Dynamo.Bench;

return await new BenchCommand().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
