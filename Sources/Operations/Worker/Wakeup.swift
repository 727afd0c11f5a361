import Foundation

/// Lets one task sleep until it is woken or a time has passed; a wake that comes first is kept.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class Wakeup: @unchecked Sendable {
  private let lock = NSLock()
  private var isAwake = false
  private var sleeper: CheckedContinuation<Void, Never>?

  /// Wakes the sleeper, or the next one.
  func wake() {
    let waiting = lock.withLock {
      defer { sleeper = nil }
      isAwake = sleeper == nil
      return sleeper
    }
    waiting?.resume()
  }

  /// Returns when woken, when so many seconds have passed, or when the task is cancelled.
  func sleep(seconds: Double) async {
    let alarm = Task {
      // Cancelled when somebody else woke the sleeper.
      do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
      wake()
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = lock.withLock {
          guard !isAwake, !Task.isCancelled else {
            isAwake = false
            return true
          }
          sleeper = continuation
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    alarm.cancel()
  }
}
