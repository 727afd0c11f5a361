import Domain
import Glibc
import Postgres
import Stores

/// Records from a paginated HTTP source into the store, first new and then known.
enum LoadBench {
  static func run(_ store: BenchStore, folder: String, days: Int, perDay: Int) async throws {
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
      let walBefore = try await documentWrites(store)
      let again = try await load(store, days: days)
      Report.rate("records loaded again, all unchanged", records, again)
      let written = try await documentWrites(store) - walBefore
      Report.line("rows of documents written by the second load", "\(written)")
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

  private static func documentWrites(_ store: BenchStore) async throws -> Int64 {
    let written = Statement<(), Int64>(
      "documentWrites",
      """
      SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
        FROM pg_stat_user_tables
        WHERE schemaname = 'backfill' AND relname IN ('document', 'document_version')
      """
    ) { row in try row.read() }
    return try await store.pool.query(written).first ?? 0
  }
}
