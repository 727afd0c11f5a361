import Foundation

/// Says yes once.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class Once: @unchecked Sendable {
  private let lock = NSLock()
  private var isTaken = false

  /// True for the first who asks.
  func take() -> Bool {
    lock.withLock {
      defer { isTaken = true }
      return !isTaken
    }
  }
}
