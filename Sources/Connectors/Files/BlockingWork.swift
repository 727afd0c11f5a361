import Dispatch
import Synchronization

/// Runs what waits for a disk on threads of its own, as the threads that serve all tasks are few.
enum BlockingWork {
  private static let queue = DispatchQueue(label: "backfill.files", attributes: .concurrent)

  /// Runs the work; it can ask whether the task that waits for it was cancelled.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable (_ isCancelled: () -> Bool) throws(FileFault) -> Value
  ) async throws(FileFault) -> Value {
    let flag = CancellationFlag()
    let result: Result<Value, FileFault> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          continuation.resume(
            returning: Result { () throws(FileFault) in try work { flag.isRaised } })
        }
      }
    } onCancel: {
      flag.raise()
    }
    return try result.get()
  }
}

/// Tells a thread that nobody waits for it any more.
private final class CancellationFlag: Sendable {
  private let value = Atomic<Bool>(false)

  var isRaised: Bool { value.load(ordering: .relaxed) }

  func raise() { value.store(true, ordering: .relaxed) }
}
