import Connectors
import Domain
import JSON
import Outbound
import Postgres

/// Rows of a database as a source: pages of JSON, beside a COPY of the same JSON that is thrown away.
enum DatabaseBench {
  static func run(_ store: BenchStore, rows: Int) async throws {
    try await store.pool.withConnection { connection in
      try await connection.execute(
        """
        DROP TABLE IF EXISTS source_order;
        CREATE TABLE source_order (id bigint PRIMARY KEY, created_at timestamptz NOT NULL,
          amount numeric, currency text, note text);
        INSERT INTO source_order SELECT i, '2024-01-01 00:00+00'::timestamptz
            + i * interval '1 second', i / 100.0, 'EUR', repeat('x', 350)
          FROM generate_series(1, \(rows)) AS i;
        CREATE INDEX ON source_order (created_at, id);
        """)
      try await connection.execute("VACUUM ANALYZE source_order")
    }
    let (read, seconds) = try await read(store)
    Report.line(
      "rows read from a database", "\(Report.grouped(Double(read) / seconds))/s (\(read) rows)")
    let limit = try await raw(store)
    Report.line(
      "raw limit: COPY of the same rows as JSON", "\(Report.grouped(Double(rows) / limit))/s")
    try await store.pool.withConnection { try await $0.execute("DROP TABLE source_order") }
  }

  private static func read(_ store: BenchStore) async throws -> (rows: Int, seconds: Double) {
    let document = try JSONValue.parse(
      """
      { sources: { erp: { connector: "postgres", url: "env:BENCH_SOURCE", streams: { orders: {
        key: "erp:order:{id}", event_time: "created_at", table: "source_order",
        key_columns: ["id"] } } } } }
      """, dialect: .json5)
    let configuration = try Configuration(document, connectors: ConnectorFactory.connectors)
    guard let source = configuration.sources.first, let stream = source.streams.first else {
      throw BenchError("The source of the bench was not read.")
    }
    let factory = ConnectorFactory(
      client: try HTTPClient(),
      secrets: SecretResolver(environment: ["BENCH_SOURCE": store.conninfo]), cacheFolder: "/tmp",
      now: BenchStore.now)
    let started = BenchStore.now()
    let year = Window(
      from: Instant(microseconds: 1_704_067_200_000_000),
      to: Instant(microseconds: 1_735_689_600_000_000))
    let reader = try factory.connector(for: stream, of: source)
      .reader(of: year, fields: stream.fields)
    var rows = 0
    var cursor: String?
    repeat {
      let page = try await reader.page(at: cursor)
      rows += page.scan.records.count
      cursor = page.next
    } while cursor != nil
    await reader.close()
    return (rows, Self.seconds(since: started))
  }

  private static func raw(_ store: BenchStore) async throws -> Double {
    let started = BenchStore.now()
    try await store.pool.withConnection { connection in
      try await connection.beginCopyOut(
        """
        COPY (SELECT row_to_json(t)::text FROM source_order AS t ORDER BY created_at, id)
          TO STDOUT (FORMAT binary)
        """)
      while try await !connection.copiedRows(after: [], upTo: 1 << 20, separator: 10).isLast {}
    }
    return seconds(since: started)
  }

  private static func seconds(since started: Instant) -> Double {
    Double(BenchStore.now().microseconds - started.microseconds) / 1_000_000
  }
}
