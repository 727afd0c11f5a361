import Foundation

/// Says yes once.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
public final class Once: @unchecked Sendable {
  private let lock = NSLock()
  private var isTaken = false

  /// One that was not asked yet.
  public init() {}

  /// True for the first who asks.
  public func take() -> Bool {
    lock.withLock {
      defer { isTaken = true }
      return !isTaken
    }
  }
}
