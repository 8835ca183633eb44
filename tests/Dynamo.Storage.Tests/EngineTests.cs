using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

public sealed class MemoryEngineTests : EngineContract
{
    [Fact]
    public void A_new_engine_knows_nothing_but_goes_on_with_hint_stamps()
    {
        using var first = new MemoryEngine();
        first.Store(Put(KeyOf(1), Stored(1)));
        var stamp = first.NextHintStamp();
        first.Dispose();
        using var second = new MemoryEngine();
        Assert.Equal(default, second.Counts());
        Assert.True(second.NextHintStamp() > stamp);
    }

    protected override IStorageEngine Open() => new MemoryEngine();
}

public sealed class SqliteEngineTests : EngineContract
{
    private readonly TempFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    protected override IStorageEngine Open() => SqliteEngine.Open(_folder.Options);
}

public sealed class BufferedEngineTests : EngineContract
{
    private readonly TempFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    protected override IStorageEngine Open() => SqliteEngine.Open(_folder.Options with { Buffer = new BufferLimits() });
}
