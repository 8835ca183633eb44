namespace Dynamo.Client;

/// <summary>A message that may travel on a lane (see <see cref="Lanes"/>): it needs no order among others, and may be lost as any may.</summary>
public interface ILaneMessage;
