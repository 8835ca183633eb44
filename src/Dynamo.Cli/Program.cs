using Dynamo.Cli;

return await CommandLine.Run(args, Terminal.Standard());
