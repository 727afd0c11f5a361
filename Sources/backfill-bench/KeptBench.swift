import Domain
import Postgres

/// The load beside many documents that are stored already.
enum KeptBench {
  /// Fills the store of the stream with so many documents of other keys, two connections at once.
  static func fill(_ store: BenchStore, documents: Int) async throws {
    let chunk = 500_000
    try await withThrowingTaskGroup(of: Void.self) { group in
      for half in 0..<2 {
        group.addTask {
          for first in stride(from: half * chunk, to: documents, by: 2 * chunk) {
            try await insert(first, min(chunk, documents - first), into: store)
          }
        }
      }
      try await group.waitForAll()
    }
    try await store.pool.withConnection { connection in
      try await connection.execute("VACUUM ANALYZE backfill.document")
      try await connection.execute("CHECKPOINT")
    }
  }

  private static func insert(_ first: Int, _ count: Int, into store: BenchStore) async throws {
    try await store.pool.withConnection { connection in
      try await connection.execute(
        """
        INSERT INTO backfill.document (batch_id, event_at, stream_id, version, key, payload_hash,
            payload)
          SELECT 0, '2020-01-01', s.id, 1, 'bench:orders:old_' || lpad(n::text, 10, '0'),
              decode(repeat('00', 32), 'hex'), repeat('x', 450)
            FROM backfill.stream s, generate_series(\(first), \(first + count - 1)) AS n
            WHERE s.name = 'bench.orders'
        """)
    }
  }
}
