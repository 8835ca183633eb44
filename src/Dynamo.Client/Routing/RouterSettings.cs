namespace Dynamo.Client;

/// <summary>
/// The times and limits that a <see cref="RequestRouter"/> works with; see <see cref="DynamoClientOptions"/>.
/// </summary>
internal sealed record RouterSettings
{
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RingRefresh { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxInFlight { get; init; } = 10_000;

    public int MaxAttempts { get; init; } = 5;

    public bool CoordinateGets { get; init; }

    public RequestRouting Routing { get; init; }

    public ResendPolicy Resend { get; init; } = ResendPolicy.WithContext;
}
