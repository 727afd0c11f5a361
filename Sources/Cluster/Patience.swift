/// Asks again and again until something is so, because neither a lock nor another process's child
/// can be waited for without a thread of its own.
func waitUntil(
  within limit: Duration, orThrow failure: ClusterError,
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < end else { throw failure }
    try await Task.sleep(for: .milliseconds(5))
  }
}
