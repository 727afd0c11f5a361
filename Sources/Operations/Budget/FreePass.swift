import Foundation

/// Whether the requests to a source go out freely: no limit counts them, and it is not held.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class FreePass: @unchecked Sendable {
  private let lock = NSLock()
  private var holds = false

  var isValid: Bool {
    get { lock.withLock { holds } }
    set { lock.withLock { holds = newValue } }
  }
}
