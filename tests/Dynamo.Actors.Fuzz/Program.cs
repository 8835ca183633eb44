using Dynamo.Actors.Fuzz;
using Dynamo.Fuzz;

return FuzzProgram.Run(args, new HoconTarget(), new SettingsTarget(), new ClientRequestsTarget(), new ClientRepliesTarget());
