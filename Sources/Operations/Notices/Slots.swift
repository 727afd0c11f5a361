import Foundation

/// Counts how many things are under way at once.
///
/// `@unchecked Sendable`: `taken` is guarded by `lock`.
final class Slots: @unchecked Sendable {
  private let count: Int
  private let lock = NSLock()
  private var taken = 0

  init(_ count: Int) {
    self.count = count
  }

  /// How many more may begin.
  var free: Int { lock.withLock { count - taken } }

  /// Notes that one begins.
  func take() { lock.withLock { taken += 1 } }

  /// Notes that one has ended.
  func giveBack() { lock.withLock { taken -= 1 } }
}
