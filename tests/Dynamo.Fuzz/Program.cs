using Dynamo.Fuzz;

return FuzzProgram.Run(args, Targets.All());
