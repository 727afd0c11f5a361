import Domain
import Foundation
import Postgres

/// Waits while the database does not answer, and tells of it once.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class DatabaseOutage: @unchecked Sendable {
  private let lock = NSLock()
  private var isOut = false
  private let tell: @Sendable (Event) -> Void

  init(tell: @escaping @Sendable (Event) -> Void) {
    self.tell = tell
  }

  /// Waits a moment before the next attempt; the pool spreads the attempts to connect themselves.
  func wait(after error: PostgresError) async {
    let isNew = lock.withLock {
      defer { isOut = true }
      return !isOut
    }
    if isNew { tell(.databaseLost(message: error.description)) }
    // Cancelled, the caller finds out by itself.
    do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
  }

  /// Notes that the database answered.
  func over() {
    let wasOut = lock.withLock {
      defer { isOut = false }
      return isOut
    }
    if wasOut { tell(.databaseRegained) }
  }
}
