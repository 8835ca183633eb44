using System.CommandLine;
using Dynamo.Chaos;

return await new ChaosCommand().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
