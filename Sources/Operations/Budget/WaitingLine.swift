import Domain

/// Those who wait for a permit of one route, in the order in which they came.
struct WaitingLine {
  /// What one who waits is told.
  enum Answer: Sendable {
    /// A permit.
    case permit(Permit)
    /// Something changed: look again.
    case again
    /// There is none within a moment.
    case failed(SourceFailure)
  }

  /// One who waits.
  struct Waiter {
    let id: UInt64
    let since: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>
  }

  private(set) var waiters: [Waiter] = []
  /// Whether somebody asks for them.
  var isAsking = false

  /// Joins the line at its end.
  mutating func join(_ waiter: Waiter) {
    waiters.append(waiter)
  }

  /// Leaves the line; nil for one who has been answered.
  mutating func leave(_ id: UInt64) -> Waiter? {
    waiters.firstIndex { $0.id == id }.map { waiters.remove(at: $0) }
  }

  /// Takes the first of the line out of it.
  mutating func popFirst() -> Waiter? {
    waiters.isEmpty ? nil : waiters.removeFirst()
  }

  /// Takes all out of it.
  mutating func popAll() -> [Waiter] {
    defer { waiters = [] }
    return waiters
  }

  /// Takes those out of it who came before an instant.
  mutating func popThose(before instant: ContinuousClock.Instant) -> [Waiter] {
    let gone = waiters.prefix { $0.since < instant }
    waiters.removeFirst(gone.count)
    return Array(gone)
  }
}
