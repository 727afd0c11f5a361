import Cluster
import Connectors
import DatabaseFixtures
import Domain
import Glibc
import JSON
import Migrations
import Operations
import Postgres
import Stores

/// A database, a fake source and what a test does with them.
struct Stage: Sendable {
  let cluster: TemporaryCluster
  /// The way to the database, for workers too.
  let conninfo: String
  let pool: Pool
  let source: FakeSource

  /// Lends a stage to `body`: a new database, on a server of its own where the test kills servers.
  static func with<Value: Sendable>(
    _ goods: Goods = Goods(), ownServer: Bool = false,
    _ body: (Stage) async throws -> Value
  ) async throws -> Value {
    let cluster =
      ownServer ? try await SharedServer.start() : try await SharedServer.shared.cluster()
    let stage = try await make(on: cluster, goods)
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(stage))
    } catch {
      result = .failure(error)
    }
    await stage.pool.close()
    await stage.source.close()
    if ownServer { await cluster.stop() }
    return try result.get()
  }

  private static func make(on cluster: TemporaryCluster, _ goods: Goods) async throws -> Stage {
    let name = await SharedServer.shared.nextName()
    let connection = try await Connection.connect(ConnectionSettings(cluster.connectionString))
    try await connection.execute("CREATE DATABASE \(name)")
    await connection.close()
    let conninfo = cluster.connectionString
      .replacing("dbname=backfill", with: "dbname=\(name)")
    let settings = ConnectionSettings(
      conninfo, applicationName: "test", session: ["statement_timeout": "60s"])
    let migrating = try await Connection.connect(settings)
    _ = try await Migrator().migrate(on: migrating)
    await migrating.close()
    return Stage(
      cluster: cluster, conninfo: conninfo,
      pool: Pool(settings, PoolLimits(connections: 4), generator: SeededGenerator(seed: 1)),
      source: try FakeSource(goods))
  }
}

// Orders
extension Stage {
  /// Applies a source whose stream `orders` is read from the fake one.
  func apply(
    _ name: String = "shop", retry: String = #"{attempts: 100, base: "50ms"}"#,
    source: String = "", stream: String = "", pagination: String? = nil
  ) async throws {
    let pagination = pagination ?? #"{type: "cursor", path: "next", parameter: "after"}"#
    let document = try JSONValue.parse(
      """
      {sources: {\(name): {connector: "rest", base_url: "\(self.source.address)/\(name)", \(source)
        streams: {orders: {key: "order:{id}", event_time: "at",
          version: {field: "revision", format: "number"}, policy: "new_version",
          measures: {amount: {field: "amount", currency: {field: "currency"}}},
          path: "/orders", records: "data", query: {from: "{window.from}", to: "{window.to}"},
          window: {from: "gte", to: "lt", format: "date"},
          pagination: \(pagination), retry: \(retry), \(stream)
        }}}}}
      """, dialect: .json5)
    let applied = try AppliedConfiguration(document, directory: "/")
    try await Application(pool: pool).apply(applied.configuration)
  }

  /// Submits a backfill of so many days from a day on.
  func submit(
    days: Int, from first: Int = Stage.firstDay, of name: String = "shop", concurrency: Int? = nil
  ) async throws -> BackfillID {
    let submission = Submission(pool: pool, now: Self.now)
    let request = SubmitRequest(
      stream: "\(name).orders",
      window: try WindowRequest(
        from: CivilDate(dayNumber: first).description,
        to: CivilDate(dayNumber: first + days).description, last: nil),
      step: .days(1), concurrency: concurrency, requestedBy: "test")
    return try await submission.submit(try await submission.prepare(request))
  }

  var control: ControlStore { ControlStore(pool: pool) }

  /// Starts a worker.
  func worker(
    _ name: String, concurrency: Int = 3, lease: Int = 2, through conninfo: String? = nil
  ) async throws -> WorkerProcess {
    try await WorkerProcess.start(
      name, on: conninfo ?? self.conninfo, concurrency: concurrency, lease: lease)
  }

  /// 2024-01-01.
  static let firstDay = 19_723

  /// The time of this machine.
  static let now: @Sendable () -> Instant = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

// Looking
extension Stage {
  /// The first column of the first row of a query.
  func value<Value: PostgresDecodable & Sendable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> Value {
    let rows = try await column(sql, Value.self)
    guard let value = rows.first else { throw Overdue(description: "There is no row for: \(sql)") }
    return value
  }

  /// The only column of all rows of a query; asked again while the server is away.
  func column<Value: PostgresDecodable & Sendable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> [Value] {
    for _ in 0..<50 {
      do throws(PostgresError) {
        return try await pool.withConnection { connection throws(PostgresError) in
          try await connection.query(sql) { row in try row.read(Value.self) }
        }
      } catch {
        guard error.isRetryable else { throw error }
        await pause(.milliseconds(100))
      }
    }
    throw Overdue(description: "The server did not come back for: \(sql)")
  }

  /// Whether a condition on the tables holds.
  func holds(_ condition: String) async throws -> Bool {
    try await value("SELECT coalesce((SELECT \(condition)), false)", Bool.self)
  }

  /// Runs SQL.
  func execute(_ sql: String) async throws {
    try await pool.withConnection { try await $0.execute(sql) }
  }

  /// Waits until a backfill has ended and everything is folded; gives its state.
  @discardableResult
  func end(of id: BackfillID, within patience: Duration = .seconds(90)) async throws -> String {
    try await wait(for: "the end of backfill \(id)", within: patience) {
      try await holds(
        """
        finished_at IS NOT NULL AND NOT EXISTS (SELECT FROM backfill.tally)
          FROM backfill.backfill WHERE id = \(id)
        """)
    }
    return try await value("SELECT state FROM backfill.backfill WHERE id = \(id)", String.self)
  }
}
