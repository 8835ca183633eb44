namespace Dynamo.Fuzz;

/// <summary>Every target that needs no Akka.</summary>
public static class Targets
{
    /// <summary>New ones: each remembers what it has made.</summary>
    public static FuzzTarget[] All() =>
    [
        new WireTarget(), new RecordTarget(), new ContextTarget(), new CellsTarget(), new QueryTarget(), new PreconditionsTarget(), new JsonTarget(),
    ];
}
