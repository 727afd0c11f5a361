import Domain
import Postgres

/// The two ways to write a batch in one round trip, by the size of the batch: arrays as parameters
/// of one statement, and COPY into a temporary table with the INSERT behind it.
enum BatchSizeBench {
  private typealias Rows = (keys: [String], hashes: [[UInt8]], payloads: [String])

  static func run(_ store: BenchStore) async throws {
    for size in [1, 10, 100, 1_000, 5_000] {
      let times = max(20, 2_000 / size)
      try await store.pool.withConnection { connection in
        try await connection.execute(
          """
          DROP TABLE IF EXISTS raw_document;
          CREATE TABLE raw_document (key text COLLATE "C" PRIMARY KEY, hash bytea, payload text);
          """)
        let copied = try await perBatch(times, size) { try await copy($0, on: connection) }
        try await connection.execute("TRUNCATE raw_document")
        let sent = try await perBatch(times, size) { rows in
          _ = try await connection.query(insert, rows)
        }
        try await connection.execute("DROP TABLE raw_document")
        Report.line(
          "a batch of \(size) rows",
          "\(Report.fixed(copied)) ms by COPY, \(Report.fixed(sent)) ms by arrays")
      }
    }
  }

  /// Milliseconds per batch, each with new keys and durable on return.
  private static func perBatch(
    _ times: Int, _ size: Int, _ write: (Rows) async throws -> Void
  ) async throws -> Double {
    let payload = String(repeating: "x", count: 450)
    let hash = [UInt8](repeating: 7, count: 32)
    let started = BenchStore.now()
    for batch in 0..<times {
      let keys = (0..<size).map { "raw:order:\(padded(batch * size + $0, 10))" }
      try await write(
        (keys, Array(repeating: hash, count: size), Array(repeating: payload, count: size)))
    }
    return Double(BenchStore.now().microseconds - started.microseconds) / 1_000 / Double(times)
  }

  private static let insert = Statement<([String], [[UInt8]], [String]), Void>(
    "insertArrays",
    """
    INSERT INTO raw_document SELECT * FROM unnest($1, $2, $3) AS s(key, hash, payload)
      ORDER BY key COLLATE "C" ON CONFLICT DO NOTHING
    """
  ) { _ in }

  private static func copy(_ rows: Rows, on connection: Connection) async throws {
    let buffer = CopyBuffer()
    for row in rows.keys.indices {
      buffer.beginRow(columns: 3)
      buffer.append(rows.keys[row])
      rows.hashes[row].withUnsafeBytes { buffer.append($0) }
      buffer.append(rows.payloads[row])
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
}
