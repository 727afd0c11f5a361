import Connectors
import Domain
import JSON
import Operations
import Stores
import Synchronization

/// From the submit of a backfill to the first request of a worker that was idle.
enum LatencyBench {
  static func run(_ store: BenchStore, times: Int) async throws {
    try await store.reset()
    try await store.applySource(port: 1)
    let seen = FirstRequests()
    let member = FleetMember(
      WorkerSettings(name: "bench", version: "bench", concurrency: 4),
      store.surroundings { _, _ in NotingConnector(seen: seen) },
      listening: BenchStore.settings(store.conninfo))
    async let working: Void = member.run()
    var delays: [Int64] = []
    let reader = BackfillStore(pool: store.leasePool)
    for turn in 0..<times {
      try await Task.sleep(for: .milliseconds(300))
      let id = try await store.submit(days: 1, from: PageFiles.day(turn))
      let submitted = BenchStore.now()
      while try await reader.findBackfill(id)?.finishedAt == nil {
        try await Task.sleep(for: .milliseconds(10))
      }
      delays.append(seen.take() - submitted.microseconds)
    }
    await member.drain()
    try await working
    let median = Double(delays.sorted()[times / 2]) / 1_000
    Report.line(
      "submit to first request of an idle worker", "\(Report.fixed(median)) ms median of \(times)")
  }
}

/// When the first request since the last look was made.
private final class FirstRequests: Sendable {
  private let time = Atomic<Int64>(0)

  func note() {
    _ = time.compareExchange(
      expected: 0, desired: BenchStore.now().microseconds, ordering: .relaxed)
  }

  func take() -> Int64 { time.exchange(0, ordering: .relaxed) }
}

/// A source without records that notes when it is asked.
private struct NotingConnector: Connector {
  let seen: FirstRequests

  func check() async throws(SourceFailure) {}

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    seen.note()
    return try await NothingConnector().page(request)
  }
}
