import Domain
import Glibc
import Postgres
import Stores

/// Records from a paginated HTTP source into the store, first new and then known.
enum LoadBench {
  static func run(
    _ store: BenchStore, folder: String, days: Int, perDay: Int, kept: Int
  ) async throws {
    let root = "\(folder)/pages"
    mkdir(root, 0o755)
    let port = 18_431
    try PageFiles(root: root, days: days, recordsPerDay: perDay).write(port: port)
    try await PageServer.with(root: root, folder: folder, port: port) { _ in
      try await store.reset()
      try await store.applySource(port: port)
      let records = days * perDay
      let first = try await load(store, days: days)
      Report.rate("records loaded", records, first)
      // What autovacuum would do meanwhile is not the second load's.
      try await store.pool.withConnection { connection in
        try await connection.execute("VACUUM (FREEZE, ANALYZE) backfill.document")
      }
      let position = try await DocumentWrites.position(store)
      let again = try await load(store, days: days)
      Report.rate("records loaded again, all unchanged", records, again)
      let written = try await DocumentWrites.bytes(since: position, store)
      Report.line("log of documents written by the second load", "\(written) bytes")
      try await loadBesideOthers(store, kept: kept, days: days, records: records, port: port, first)
      let limit = try await RawLimit.copyAndInsert(store, rows: 200_000)
      Report.line("raw limit: COPY, then INSERT … ON CONFLICT, one connection", "\(limit)")
    }
  }

  private static func load(
    _ store: BenchStore, days: Int
  ) async throws -> (seconds: Double, usage: WorkerProcess.Usage) {
    let id = try await store.submit(days: days)
    return try await WorkerProcess.work(off: [id], of: store, concurrency: 6)
  }

  private static func loadBesideOthers(
    _ store: BenchStore, kept: Int, days: Int, records: Int, port: Int,
    _ empty: (seconds: Double, usage: WorkerProcess.Usage)
  ) async throws {
    guard kept > 0 else { return }
    try await store.reset()
    try await store.applySource(port: port)
    try await KeptBench.fill(store, documents: kept)
    let run = try await load(store, days: days)
    Report.rate("records loaded beside \(kept) documents", records, run)
    Report.line("of the rate into an empty store", "\(Report.fixed(empty.seconds / run.seconds))")
  }
}
