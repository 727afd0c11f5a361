import Dispatch

/// Runs an actor on one serial queue, so that its blocking calls never hold the cooperative pool.
final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Waits until a socket has something to read or has ended, or the task is cancelled.
  func waitUntilReadable(_ socket: Int32) async {
    // Not declared Sendable, but libdispatch lets any thread cancel a source.
    nonisolated(unsafe) let source = DispatchSource.makeReadSource(
      fileDescriptor: socket, queue: queue)
    source.setEventHandler { source.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // Only after this handler has run is the socket free to be closed.
        source.setCancelHandler { continuation.resume() }
        source.activate()
      }
    } onCancel: {
      source.cancel()
    }
  }
}
