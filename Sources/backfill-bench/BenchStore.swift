import Connectors
import Domain
import Glibc
import JSON
import Migrations
import Operations
import Outbound
import Postgres
import Stores

/// The database of a bench and what operations need around it.
struct BenchStore: Sendable {
  let conninfo: String
  let pool: Pool
  let leasePool: Pool

  /// Opens a database whose name ends in `_bench`; any other is refused, because it is emptied.
  static func open(_ conninfo: String, connections: Int) async throws -> BenchStore {
    let settings = Self.settings(conninfo)
    let connection = try await Connection.connect(settings)
    guard connection.database.hasSuffix("_bench") else {
      throw BenchError(
        "The database \(connection.database) is not named *_bench; the bench empties its database.")
    }
    _ = try await Migrator().migrate(on: connection)
    try await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
    await connection.close()
    let store = BenchStore(
      conninfo: conninfo,
      pool: Pool(settings, PoolLimits(connections: connections), generator: randomness),
      leasePool: Pool(settings, PoolLimits(connections: 2), generator: randomness))
    try await Janitor(pool: store.leasePool, now: now, tell: { _ in }).clean()
    return store
  }

  static func settings(_ conninfo: String) -> ConnectionSettings {
    ConnectionSettings(
      conninfo, applicationName: "backfill-bench",
      session: StoreSession.settings.merging(["client_min_messages": "warning"]) { _, new in new })
  }

  /// Empties every table of the schema but the migrations.
  func reset() async throws {
    try await pool.withConnection { connection in
      try await connection.execute(
        """
        TRUNCATE backfill.document, backfill.document_version, backfill.rejection, backfill.measure,
          backfill.backfill_measure, backfill.partition, backfill.attempt, backfill.batch,
          backfill.batch_keys, backfill.tally, backfill.lane, backfill.worker, backfill.backfill,
          backfill.stream, backfill.request_budget, backfill.source RESTART IDENTITY CASCADE;
        DELETE FROM backfill.sequencer;
        INSERT INTO backfill.sequencer DEFAULT VALUES;
        """)
    }
  }

  func close() async {
    await pool.close()
    await leasePool.close()
  }

  /// What operations take from outside; events are not told to anybody.
  func surroundings(
    _ connectors: @escaping Surroundings.ConnectorProvider
  ) -> Surroundings {
    Surroundings(
      pool: pool, leasePool: leasePool, connectors: connectors,
      verifiers: { _, _ in throw BenchError("Nothing is verified here.") }, now: Self.now,
      randomness: Self.randomness, tell: { _ in })
  }

  /// The connectors of the product.
  static func productConnectors() throws -> Surroundings.ConnectorProvider {
    let factory = ConnectorFactory(
      client: try HTTPClient(), secrets: SecretResolver(environment: [:]),
      cacheFolder: "/tmp", now: now)
    return { try factory.connector(for: $0.stream, of: $0.source, permits: $1) }
  }

  /// The time of this machine.
  static let now: @Sendable () -> Instant = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  static let randomness = Randomness { UInt64.random(in: 0...UInt64.max) }

  /// Applies the made-up source; `next` pages lie on the port.
  func applySource(port: Int, streams: [String] = ["orders"]) async throws {
    let members = streams.map { name in
      """
      \(name): { key: "bench:\(name):{id}", event_time: "created_at", policy: "keep_first",
        measures: { amount: { field: "amount", currency: { field: "currency" } } },
        path: "/{window.from}/1.json", query: { until: "{window.to}" }, records: "data",
        window: { from: "gte", to: "lt", format: "date" },
        pagination: { type: "next_url", path: "next" } }
      """
    }
    let document = try JSONValue.parse(
      """
      { sources: { bench: { connector: "rest", base_url: "http://127.0.0.1:\(port)",
        streams: { \(members.joined(separator: ",\n")) } } } }
      """, dialect: .json5)
    let configuration = try Configuration(
      AppliedDocument.completed(document, directory: "/"), connectors: ConnectorFactory.connectors)
    try await CatalogStore(pool: pool).applySources(
      configuration.sources.map { source in
        AppliedSource(
          name: source.name, definition: source.json.encoded(),
          concurrency: source.concurrency.map { Int32($0) },
          streams: source.streams.map {
            AppliedSource.Stream(name: $0.name, definition: $0.json.encoded())
          })
      })
  }

  /// Submits a window of whole days from the made-up source's first day on, or from another.
  func submit(
    days: Int, stream: String = "bench.orders", step: Step = .days(1),
    from first: String = "2024-01-01"
  ) async throws -> BackfillID {
    guard let day = CivilDate(first) else { throw BenchError("\(first) is no day.") }
    let submission = Submission(pool: pool, now: Self.now)
    let request = SubmitRequest(
      stream: stream,
      window: try WindowRequest(
        from: first, to: day.adding(days: days).description, last: nil),
      step: step, requestedBy: "bench")
    return try await submission.submit(try await submission.prepare(request))
  }
}
