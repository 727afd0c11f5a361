import Domain
import Operations
import Stores

/// Planning and submitting many partitions.
enum SubmitBench {
  static func run(_ store: BenchStore) async throws {
    for (days, name) in [(2_083, "100,000"), (20_833, "1,000,000")] {
      try await store.reset()
      try await store.applySource(port: 1)
      let started = BenchStore.now()
      let window = try WindowRequest(from: "1960-01-01", to: try day(after: days), last: nil)
      let submission = Submission(pool: store.pool, now: BenchStore.now)
      let request = SubmitRequest(
        stream: "bench.orders", window: window, step: .minutes(30), requestedBy: "bench")
      let prepared = try await submission.prepare(request)
      _ = try await submission.submit(prepared)
      let seconds = Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000
      let count = prepared.plan.partitions.count
      Report.line("plan and submit \(name) partitions", "\(Report.fixed(seconds)) s (\(count))")
    }
  }

  private static func day(after days: Int) throws -> String {
    guard let first = CivilDate("1960-01-01") else { throw BenchError("No such day.") }
    return first.adding(days: days).description
  }
}
