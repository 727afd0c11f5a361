/// A point in time: microseconds since 1970-01-01 00:00 UTC, the grain of PostgreSQL's timestamptz.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01 00:00 UTC; negative before it.
  public var microseconds: Int64

  /// An instant from microseconds since 1970-01-01 00:00 UTC.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }
}
