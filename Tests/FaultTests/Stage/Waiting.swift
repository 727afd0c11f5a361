import Dispatch

/// What a test waited for did not happen in time.
struct Overdue: Error, CustomStringConvertible {
  let description: String
}

/// Waits for a condition that processes and the clock bring about; throws when it is overdue.
func wait(
  for what: String, within patience: Duration = .seconds(60),
  until condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + patience
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      throw Overdue(description: "\(what) did not happen within \(patience)")
    }
    await pause(.milliseconds(10))
  }
}

/// Lets time pass: the latency of a source, the length of an outage, the pace of looking.
func pause(_ duration: Duration) async {
  let (seconds, attoseconds) = duration.components
  let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
  await withCheckedContinuation { continuation in
    DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) {
      continuation.resume()
    }
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
