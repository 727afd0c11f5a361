/// When requests reached a fake source, by its own clock, and what that says about its limit.
struct ArrivalLog {
  /// The fake's own jitter: a request that arrives is noted this much later at most.
  static let jitter = Duration.milliseconds(20)

  private let arrivals: [Duration]

  init(_ asked: [FakeSource.Asked]) {
    let first = asked.map(\.at).min() ?? .now
    arrivals = asked.map { first.duration(to: $0.at) }.sorted()
  }

  var count: Int { arrivals.count }

  /// The most requests in any window of a length, wherever it begins.
  func most(in window: Duration) -> Int {
    var last = 0
    return arrivals.indices.map { first in
      while last < arrivals.count, arrivals[last] - arrivals[first] < window - Self.jitter {
        last += 1
      }
      return last - first
    }.max() ?? 0
  }

  /// The share of a limit that was used, from a time after the first request to one before the last.
  func share(of limit: Int, per window: Duration, without edge: Duration) -> Double {
    guard let end = arrivals.last.map({ $0 - edge }), end > edge else { return 0 }
    let used = arrivals.filter { edge <= $0 && $0 < end }.count
    return Double(used) / (Double(limit) * (end - edge).seconds / window.seconds)
  }
}
