import Connectors
import Domain
import Operations
import Stores
import Synchronization

/// What failures cost: requests and time over a clean run when some partitions fail once.
enum FailureBench {
  private static let partitions = 200
  private static let pages = 20

  static func run(_ store: BenchStore) async throws {
    let clean = try await measure(store, failing: 0)
    Report.line(
      "clean run of \(partitions) partitions of \(pages) pages", "\(clean.requests) requests")
    for share in [1, 5, 10] {
      let run = try await measure(store, failing: share)
      let more = Double(run.requests - clean.requests) / Double(clean.requests) * 100
      let later = (run.seconds - clean.seconds) / clean.seconds * 100
      Report.line(
        "\(share) % of the partitions fail once, halfway",
        "\(Report.fixed(more)) % more requests, \(Report.fixed(later)) % more time; "
          + "a retry of the whole range: 100 % more requests")
    }
  }

  private static func measure(
    _ store: BenchStore, failing share: Int
  ) async throws -> (requests: Int, seconds: Double) {
    try await store.reset()
    try await store.applySource(port: 1)
    let source = FailingConnector(share: share, pages: pages)
    let member = FleetMember(
      WorkerSettings(name: "bench", version: "bench", concurrency: 8),
      store.surroundings { _, _ in source }, listening: BenchStore.settings(store.conninfo))
    let id = try await store.submit(days: partitions)
    let started = BenchStore.now()
    async let working: Void = member.run()
    let reader = BackfillStore(pool: store.leasePool)
    var row: BackfillRow?
    while row?.finishedAt == nil {
      try await Task.sleep(for: .milliseconds(10))
      row = try await reader.findBackfill(id)
    }
    await member.drain()
    try await working
    guard row?.state == .succeeded else { throw BenchError("A retried backfill did not succeed.") }
    let last = (row?.finishedAt ?? started).microseconds - started.microseconds
    return (source.requests, Double(last) / 1_000_000)
  }
}

/// A source of pages of one record, some of whose partitions fail once at their middle page.
private final class FailingConnector: Connector {
  private let share: Int
  private let pages: Int
  private let count = Atomic<Int>(0)
  private let failed = Mutex<Set<Instant>>([])

  init(share: Int, pages: Int) {
    self.share = share
    self.pages = pages
  }

  var requests: Int { count.load(ordering: .relaxed) }

  func check() async throws(SourceFailure) {}

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    count.add(1, ordering: .relaxed)
    let page = request.cursor.flatMap { Int($0) } ?? 0
    let day = Int(request.window.from.microseconds / 86_400_000_000)
    if page == pages / 2, day % 100 < share,
      failed.withLock({ $0.insert(request.window.from).inserted })
    {
      throw SourceFailure(.network, "The connection broke, as the bench wanted.")
    }
    do { try await Task.sleep(for: .milliseconds(2)) } catch {
      throw SourceFailure(.network, "Cancelled.")
    }
    let date = CivilDate(dayNumber: day)
    return try MadePage.one(
      "{\"id\":\"\(date)-\(page)\",\"created_at\":\"\(date)T00:00:00Z\",\"amount\":\"1.00\",\"currency\":\"EUR\"}",
      fields: request.fields, next: page + 1 < pages ? String(page + 1) : nil)
  }
}
