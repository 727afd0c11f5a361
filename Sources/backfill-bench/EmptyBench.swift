import Connectors
import Domain
import JSON
import Operations
import Stores

/// Partitions that do nothing, claimed and completed by one worker, with their attempts kept.
enum EmptyBench {
  static func run(_ store: BenchStore, partitions: Int) async throws {
    try await store.reset()
    try await store.applySource(port: 1)
    let id = try await store.submit(
      days: partitions * 30 / 1_440, step: .minutes(30), from: "1970-01-01")
    let worker = Worker(
      WorkerSettings(name: "bench", version: "bench", concurrency: 1_000),
      store.surroundings { _, _ in NothingConnector() })
    let started = BenchStore.now()
    async let working: Void = worker.run()
    let sequencer = Sequencer(pool: store.leasePool, tell: { _ in })
    let folding = Task { await sequencer.run() }
    let reader = BackfillStore(pool: store.leasePool)
    var ended: BackfillRow?
    while ended?.finishedAt == nil {
      try await Task.sleep(for: .milliseconds(20))
      ended = try await reader.findBackfill(id)
    }
    let last = (ended?.finishedAt ?? started).microseconds - started.microseconds
    let seconds = Double(last) / 1_000_000
    folding.cancel()
    await worker.drain()
    try await working
    let done = ended?.counts[.succeeded] ?? 0
    Report.line(
      "partitions that do nothing, claimed and completed, attempts kept",
      "\(Report.grouped(Double(done) / seconds))/s (\(done) in \(Report.fixed(seconds)) s)")
  }
}

/// A source without records.
struct NothingConnector: Connector {
  func check() async throws(SourceFailure) {}

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    let scan = ScannedPage(records: [], fields: [], fieldCount: request.fields.count, envelope: [])
    return Page(bytes: [], scan: scan, next: nil, requests: 0)
  }
}
