import Foundation
import HTTP

/// Holds back pages of a source until a test lets them go.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class HeldPages: @unchecked Sendable {
  private let lock = NSLock()
  private var isHolding = true
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private let holds: @Sendable (FakeSource.Asked) -> Bool

  /// Holds what a condition says.
  init(_ holds: @escaping @Sendable (FakeSource.Asked) -> Bool = { _ in true }) {
    self.holds = holds
  }

  /// The rule for the source; the page comes once it is let go.
  var rule: FakeSource.Rule {
    { [self] asked in
      if holds(asked) { await wait() }
      return nil
    }
  }

  /// How many requests are held.
  var count: Int { lock.withLock { waiting.count } }

  /// Lets everything go, now and from now on.
  func letGo() {
    let all = lock.withLock {
      isHolding = false
      defer { waiting = [] }
      return waiting
    }
    for one in all { one.resume() }
  }

  private func wait() async {
    await withCheckedContinuation { continuation in
      let isHeld = lock.withLock {
        if isHolding { waiting.append(continuation) }
        return isHolding
      }
      if !isHeld { continuation.resume() }
    }
  }
}
