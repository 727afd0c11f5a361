import DatabaseFixtures
import Domain
import JSON
import Postgres
import Testing

@testable import Stores

/// A store with one source and some of its streams, and everything that is needed to work on it.
struct Fixture: Sendable {
  let database: Database
  let pool: Pool
  let stream: StreamRow
  let definition: StreamDefinition
  let worker: WorkerID

  var catalog: CatalogStore { CatalogStore(pool: pool) }
  var submits: SubmitStore { SubmitStore(pool: pool) }
  var partitions: PartitionStore { PartitionStore(pool: pool) }
  var commits: CommitStore { CommitStore(pool: pool) }
  var backfills: BackfillStore { BackfillStore(pool: pool) }
  var sequencer: SequencerStore { SequencerStore(pool: pool) }
  var budgets: BudgetStore { BudgetStore(pool: pool) }
  var control: ControlStore { ControlStore(pool: pool) }

  /// Lends a store to `body`, with the stream `shop.orders` and a worker.
  static func with<Value>(
    _ definition: StreamDefinition = .orders, sourceConcurrency: Int32? = nil,
    connections: Int = 4, session: [String: String] = StoreSession.settings,
    onNotice: (@Sendable (ServerMessage) -> Void)? = nil, _ body: (Fixture) async throws -> Value
  ) async throws -> Value {
    try await Database.with { database in
      try await database.withPool(
        connections: connections, session, onNotice: onNotice
      ) { pool in
        let stream = try await applySource(
          "shop", [definition.name], concurrency: sourceConcurrency, in: pool)[0]
        let worker = try await WorkerStore(pool: pool).registerWorker(
          name: "test:1", version: "test", concurrency: 4)
        return try await body(
          Fixture(
            database: database, pool: pool, stream: stream, definition: definition, worker: worker))
      }
    }
  }

  /// Applies a source with streams of these names, and gives their rows.
  @discardableResult
  static func applySource(
    _ name: String, _ streams: [String], concurrency: Int32?, in pool: Pool
  ) async throws -> [StreamRow] {
    let catalog = CatalogStore(pool: pool)
    try await catalog.applySources([
      AppliedSource(
        name: name, definition: "{}", concurrency: concurrency,
        streams: streams.map { AppliedSource.Stream(name: $0, definition: "{}") })
    ])
    var rows: [StreamRow] = []
    for stream in streams { rows.append(try #require(try await catalog.findStream(stream))) }
    return rows
  }

  /// Submits a backfill of so many days from the fixture's first day on.
  func submit(
    days: Int, stream: StreamRow? = nil, order: ClaimOrder = .oldest, policy: Policy? = nil,
    concurrency: Int32? = nil, priority: Int32 = 0
  ) async throws -> BackfillID {
    let window = Window(
      from: Self.start, to: Self.start.adding(microseconds: Int64(days) * 86_400_000_000))
    let plan = try Plan.make(window, step: .days(1), zone: .utc, order: order)
    return try await submits.submitBackfill(
      new(
        plan, window: window, stream: stream, order: order, policy: policy,
        concurrency: concurrency, priority: priority))
  }

  /// A plan about to be submitted.
  func new(
    _ plan: Plan, window: Window, stream: StreamRow? = nil, order: ClaimOrder = .newest,
    selection: Selection = .all, policy: Policy? = nil, concurrency: Int32? = nil,
    priority: Int32 = 0
  ) -> NewBackfill {
    NewBackfill(
      stream: stream ?? self.stream, definition: "{}", tags: [], window: window, step: "1d",
      timeZone: "UTC", order: order, selection: selection, policy: policy ?? definition.policy,
      concurrency: concurrency, priority: priority, requestedBy: "test", reason: nil,
      plan: plan, submittedAt: Self.start)
  }

  /// Claims up to so many partitions.
  func claim(_ room: Int = 1, lease: Double = 60) async throws -> [ClaimedPartition] {
    try await partitions.claimPartitions(worker: worker, room: room, leaseSeconds: lease)
  }

  /// Claims one partition that must be there.
  func claimOne(lease: Double = 60) async throws -> ClaimedPartition {
    try #require(try await claim(1, lease: lease).first)
  }

  /// 2024-03-01, the beginning of every window here.
  static let start = Instant(microseconds: 1_709_251_200_000_000)

  /// Runs SQL for what no store offers.
  func execute(_ sql: String) async throws {
    try await pool.withConnection { try await $0.execute(sql) }
  }

  /// One value for what no store offers.
  func value<Value: PostgresDecodable & Sendable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> Value {
    try await pool.withConnection { try await $0.value(sql, type) }
  }
}

extension StreamDefinition {
  /// Orders: the key is `id`, the version `v`, the measure `amount` in the currency `c`, and
  /// `seen` does not count when payloads are compared.
  static let orders = StreamDefinition(
    name: "shop.orders", key: KeyTemplate(texts: ["order:", ""], fields: [JSONPath("id")]),
    eventTime: TimeField(path: JSONPath("at"), format: .epochSeconds),
    version: .number(JSONPath("v")), policy: .newVersion, exclude: [JSONPath("seen")],
    measures: [
      MeasureDefinition(
        name: "amount", path: JSONPath("amount"), currency: .field(JSONPath("c")))
    ])
}
