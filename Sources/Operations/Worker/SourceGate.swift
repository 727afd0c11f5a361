import Domain
import Foundation

/// Lets no request of this process through to a source while the source asked for patience.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class SourceGate: @unchecked Sendable {
  private let lock = NSLock()
  private let now: @Sendable () -> Instant
  private var heldUntil: Instant?

  init(now: @escaping @Sendable () -> Instant) {
    self.now = now
  }

  /// Holds requests until an instant; a later one that is noted already stays.
  func hold(until instant: Instant) {
    lock.withLock { heldUntil = max(heldUntil ?? instant, instant) }
  }

  /// Returns when requests may be sent, or when the task is cancelled.
  func wait() async {
    while let until = lock.withLock({ heldUntil }) {
      let left = until.microseconds - now().microseconds
      guard left > 0, !Task.isCancelled else { return }
      // Cancelled, the loop ends at its next turn.
      do { try await Task.sleep(for: .microseconds(left)) } catch { return }
    }
  }
}
