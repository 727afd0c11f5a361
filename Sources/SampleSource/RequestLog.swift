/// One request as the source saw it.
public struct LoggedRequest: Hashable, Sendable {
  /// When it came, in microseconds since 1970.
  public let time: Int64
  /// Path and query.
  public let target: String
  /// The status of the answer.
  public let status: Int
}

/// What the source remembers: how often a day was asked for, and the latest requests.
actor RequestLog {
  private let capacity: Int
  private var entries: [LoggedRequest] = []
  private var visits: [SampleDay: Int] = [:]

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// The latest requests, oldest first.
  var latest: [LoggedRequest] { entries.suffix(capacity) }

  func note(_ request: LoggedRequest) {
    entries.append(request)
    // In large steps, so that the log is not moved for every request.
    if entries.count >= 2 * capacity { entries.removeFirst(entries.count - capacity) }
  }

  /// Counts a request for a day, beginning with 1.
  func visit(_ day: SampleDay) -> Int {
    visits[day, default: 0] += 1
    return visits[day, default: 0]
  }
}
