/// The shop that a sample source shows: the same configuration is the same shop, record by record.
public struct SampleConfiguration: Sendable {
  /// What makes one shop differ from another.
  public var seed: UInt64 = 1
  /// The last day that has records.
  public var lastDay: SampleDay
  /// How many days have records, the last one included.
  public var days = 120
  /// Orders of an average day; weekends have fewer, a promotion has more.
  public var ordersPerDay = 200
  /// How days misbehave, by how many days they lie before the last day; others are sound.
  public var behaviours = SampleConfiguration.realistic
  /// How long every answer is held back.
  public var latency = Duration.zero
  /// The bearer token that requests must carry.
  public var token = "sample-token"
  /// How many requests the log keeps; the oldest are dropped.
  public var logCapacity = 100_000

  /// A shop whose records end with a day.
  public init(lastDay: SampleDay) {
    self.lastDay = lastDay
  }

  /// Four days that are rate limited, four that fail now and then, and one that is broken for good,
  /// all within the last 90 days.
  public static let realistic: [Int: DayBehaviour] = [
    3: .rateLimited(first: 2), 17: .rateLimited(first: 1), 41: .rateLimited(first: 2),
    66: .rateLimited(first: 3), 8: .faltering, 29: .faltering, 52: .faltering, 73: .faltering,
    25: .broken,
  ]
}

/// How the source behaves when it is asked for a day.
public enum DayBehaviour: Hashable, Sendable {
  /// So many requests are answered with 429 and `Retry-After: 1` before the first is served.
  case rateLimited(first: Int)
  /// The first request and every third after it is answered with 500.
  case faltering
  /// Every request is answered with 500.
  case broken
}
