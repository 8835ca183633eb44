namespace Dynamo.Core;

/// <summary>A point on one node's clock, in microseconds since 1970-01-01T00:00:00Z.</summary>
/// <remarks>
/// The shell tells every machine the time; within one process it never runs backwards. Two nodes' instants are
/// comparable only as far as their clocks agree, and only last-write-wins timestamps are ever compared across nodes.
/// <c>default</c> is the epoch.
/// </remarks>
/// <param name="Microseconds">Microseconds since the Unix epoch, 0 or more.</param>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    /// <summary>Later than every instant a clock can show: the deadline of a machine that waits for nothing.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static Instant operator +(Instant instant, TimeSpan span) => instant == Never
        ? Never
        : new(instant.Microseconds + span.Ticks / TimeSpan.TicksPerMicrosecond);

    public static TimeSpan operator -(Instant later, Instant earlier) =>
        TimeSpan.FromMicroseconds(later.Microseconds - earlier.Microseconds);

    public static bool operator <(Instant a, Instant b) => a.Microseconds < b.Microseconds;

    public static bool operator >(Instant a, Instant b) => a.Microseconds > b.Microseconds;

    public static bool operator <=(Instant a, Instant b) => a.Microseconds <= b.Microseconds;

    public static bool operator >=(Instant a, Instant b) => a.Microseconds >= b.Microseconds;

    /// <summary>The earlier of two instants.</summary>
    public static Instant Min(Instant a, Instant b) => a < b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <inheritdoc/>
    public override string ToString() => this == Never ? "never" : $"{Microseconds / 1e6:F6}s";
}
