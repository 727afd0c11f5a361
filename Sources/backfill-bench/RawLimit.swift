import Domain
import Postgres

/// What PostgreSQL itself does in the same minute, for comparison.
enum RawLimit {
  /// COPY into a temporary table and INSERT … ON CONFLICT DO NOTHING into a table like the
  /// documents, 5,000 rows of 450 bytes at a time, on one connection.
  static func copyAndInsert(_ store: BenchStore, rows: Int) async throws -> String {
    try await store.pool.withConnection { connection in
      try await connection.execute(
        """
        DROP TABLE IF EXISTS raw_document;
        CREATE TABLE raw_document (key text COLLATE "C" PRIMARY KEY, hash bytea, payload text);
        """)
      let payload = String(repeating: "x", count: 450)
      let hash = [UInt8](repeating: 7, count: 32)
      let started = BenchStore.now()
      for first in stride(from: 0, to: rows, by: 5_000) {
        let buffer = CopyBuffer(capacity: 4 << 20)
        for number in first..<first + 5_000 {
          buffer.beginRow(columns: 3)
          buffer.append("raw:order:\(padded(number, 10))")
          hash.withUnsafeBytes { buffer.append($0) }
          buffer.append(payload)
        }
        _ = try await connection.copyIn(
          """
          CREATE TEMPORARY TABLE IF NOT EXISTS raw_stage (key text, hash bytea, payload text)
            ON COMMIT DELETE ROWS;
          COPY raw_stage FROM STDIN (FORMAT binary);
          INSERT INTO raw_document SELECT * FROM raw_stage ORDER BY key COLLATE "C"
            ON CONFLICT DO NOTHING
          """, from: buffer
        ) { _ in }
      }
      let seconds = Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000
      try await connection.execute("DROP TABLE raw_document")
      return "\(Report.grouped(Double(rows) / seconds)) rows/s"
    }
  }
}
