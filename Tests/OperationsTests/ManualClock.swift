import Domain
import Foundation

/// A clock that a test moves; at every look it goes on by itself by a step, if it has one.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class ManualClock: @unchecked Sendable {
  private let lock = NSLock()
  private var time = Instant(microseconds: 1_700_000_000_000_000)
  private let step: Int64

  init(step: Int64 = 0) {
    self.step = step
  }

  /// The time.
  var now: @Sendable () -> Instant {
    { [self] in
      lock.withLock {
        defer { time = time.adding(microseconds: step) }
        return time
      }
    }
  }

  /// Moves the clock on.
  func advance(microseconds: Int64) {
    lock.withLock { time = time.adding(microseconds: microseconds) }
  }
}
