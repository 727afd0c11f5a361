import Dispatch

/// Runs what waits for a disk on threads of its own, as the threads that serve all tasks are few.
enum BlockingWork {
  private static let queue = DispatchQueue(label: "backfill.files", attributes: .concurrent)

  /// Runs the work; it is told whether the task that waits for it was cancelled.
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
