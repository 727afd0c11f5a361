import Domain
import Foundation
import Postgres

/// Waits while the database does not answer, and tells of it once.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class DatabaseOutage: @unchecked Sendable {
  private let lock = NSLock()
  private var since: Instant?
  private let now: @Sendable () -> Instant
  private let tell: @Sendable (Event) -> Void

  init(now: @escaping @Sendable () -> Instant, tell: @escaping @Sendable (Event) -> Void) {
    self.now = now
    self.tell = tell
  }

  /// Waits a moment before the next attempt; the pool spreads the attempts to connect themselves.
  func wait(after error: PostgresError) async {
    let isNew = lock.withLock {
      guard since == nil else { return false }
      since = now()
      return true
    }
    if isNew { tell(.databaseLost(message: error.description)) }
    // Cancelled, the caller finds out by itself.
    do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
  }

  /// Notes that the database answered.
  func over() {
    let began = lock.withLock {
      defer { since = nil }
      return since
    }
    guard let began else { return }
    tell(.databaseRegained(microseconds: now().microseconds - began.microseconds))
  }
}
