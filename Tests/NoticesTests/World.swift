import DatabaseFixtures
import Domain
import Operations
import Outbound
import Postgres
import Stores
import Testing

/// A store with sources, and everything that is needed to make things happen and to tell of them.
struct World: Sendable {
  let database: Database
  let pool: Pool
  let told = Told()
  let worker: WorkerID
  var secrets: [String: String] = [:]

  var notices: NoticeStore { NoticeStore(pool: pool) }
  var subscriptions: SubscriptionStore { SubscriptionStore(pool: pool) }
  var partitions: PartitionStore { PartitionStore(pool: pool) }
  var control: ControlStore { ControlStore(pool: pool) }

  /// Lends a world of its own to `body`.
  static func with<Value>(
    secrets: [String: String] = [:], _ body: (World) async throws -> Value
  ) async throws -> Value {
    try await Database.with { database in
      try await database.withPool(connections: 8) { pool in
        let worker = try await WorkerStore(pool: pool).registerWorker(
          name: "test:1", version: "test", concurrency: 4)
        return try await body(
          World(database: database, pool: pool, worker: worker, secrets: secrets))
      }
    }
  }

  // MARK: Telling

  /// A notifier as any process of the fleet has one; `client` unless another is given.
  func notifier(_ client: HTTPClient? = nil) throws -> Notifier {
    let generator = Locked(SeededGenerator(seed: 1))
    return Notifier(
      pool: pool, courier: try courier(client),
      randomness: Randomness { generator.withLock { $0.next() } }, tell: told.hear)
  }

  /// A courier that knows the secrets of this world.
  func courier(_ client: HTTPClient? = nil) throws -> Courier {
    let secrets = secrets
    return Courier(
      client: try client ?? HTTPClient(),
      secrets: { (reference) throws(SourceFailure) in
        guard case .environment(let name) = reference, let secret = secrets[name] else {
          throw SourceFailure(.misconfigured, "There is no secret \(reference).")
        }
        return secret
      }, now: { Self.now })
  }

  /// Applies subscriptions.
  func subscribe(_ subscriptions: SubscriptionDefinition...) async throws {
    try await self.subscriptions.applySubscriptions(subscriptions)
  }

  /// Folds everything there is, and ends what is done.
  @discardableResult
  func fold(quietSeconds: Double = 60) async throws -> [FoldPass] {
    let store = SequencerStore(pool: pool, quietSeconds: quietSeconds)
    var passes: [FoldPass] = []
    while let pass = try await store.fold(limit: 100), pass.tallies > 0 {
      passes.append(pass)
    }
    return passes
  }

  /// Makes every claimed delivery due, as if its lease had run out, and every pause over.
  func makeAllDue() async throws {
    try await execute(
      """
      UPDATE backfill.delivery SET next_attempt_at = clock_timestamp() WHERE state = 'pending';
      UPDATE backfill.notice SET settles_at = clock_timestamp() WHERE settles_at IS NOT NULL
      """)
  }

  // MARK: Making things happen

  /// Submits a backfill of so many days of March 2026.
  func submit(
    _ stream: String, days: Int = 31, tags: [String] = [], by requester: String = "anna",
    reason: String? = "close of March", only selection: Selection = .all
  ) async throws -> BackfillID {
    let source = String(stream.prefix { $0 != "." })
    let catalog = CatalogStore(pool: pool)
    let known = try await catalog.listStreams().filter { $0.sourceName == source }.map(\.name)
    try await catalog.applySources([
      AppliedSource(
        name: source, definition: "{}", concurrency: nil,
        streams: Set(known + [stream]).sorted().map { .init(name: $0, definition: "{}") })
    ])
    let row = try #require(try await catalog.findStream(stream))
    let window = Window(
      from: Self.march, to: Self.march.adding(microseconds: Int64(days) * 86_400_000_000))
    let plan = try Plan.make(
      window, step: .days(1), zone: .utc, only: selection,
      covered: selection == .missing ? [Coverage(window, by: BackfillID(rawValue: 1))] : [])
    return try await SubmitStore(pool: pool).submitBackfill(
      NewBackfill(
        stream: row, definition: "{}", tags: tags, window: window, step: "1d", timeZone: "UTC",
        order: .oldest, selection: selection, policy: .newVersion, concurrency: nil, priority: 0,
        requestedBy: requester, reason: reason, plan: plan, submittedAt: Self.march))
  }

  /// Claims up to so many partitions and fails them for good.
  func fail(
    _ count: Int, _ kind: SourceFailure.Kind = .unavailable, _ message: String = "It is broken."
  ) async throws {
    try await end(count, SourceFailure(kind, message), next: .fail)
  }

  /// Claims a partition and has its source ask for so many seconds of patience.
  func throttle(seconds: Int64, _ message: String = "Quota used up.") async throws {
    let wait = seconds * 1_000_000
    try await end(1, SourceFailure(.rateLimited, message, retryAfter: wait), next: .wait(wait))
  }

  /// Has a source ask for so many seconds of patience, as a worker notes it.
  func hold(_ source: String, seconds: Int) async throws {
    let catalog = CatalogStore(pool: pool)
    let row = try #require(try await catalog.listSources().first { $0.name == source })
    try await BudgetStore(pool: pool).holdRequests(
      to: row.id, for: Int64(seconds) * 1_000_000, reason: "Quota used up.")
  }

  private func end(
    _ count: Int, _ failure: SourceFailure, next: AttemptEnd.Next
  ) async throws {
    let ends = try await claim(count).map { claimed in
      AttemptEnd(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), outcome: .failed, next: next,
        failures: 1, kind: failure.kind.rawValue, message: failure.message, requests: 1,
        isBlocking: failure.isBlocking)
    }
    #expect(try await partitions.endAttempts(ends).count == ends.count)
  }

  /// Claims all partitions there are and completes them.
  func succeed(_ count: Int = 1_000) async throws {
    let held = try await claim(count).map { HeldPartition(id: $0.id, fence: $0.fence) }
    _ = try await partitions.completeEmpty(held.map { EmptyPartition(held: $0, requests: 1) })
  }

  /// Commits a number as the last batches of a backfill would, less the documents.
  func add(_ records: Int, amount: String, _ currency: String, to id: BackfillID) async throws {
    try await execute(
      """
      INSERT INTO backfill.tally (backfill_id, committed_at, read, inserted, measures)
        VALUES (\(id), clock_timestamp(), \(records), \(records),
          '[["amount", "2026-03-14", "\(currency)", "\(amount)", \(records)]]')
      """)
  }

  private func claim(_ room: Int) async throws -> [ClaimedPartition] {
    try await partitions.claimPartitions(worker: worker, room: room, leaseSeconds: 60)
  }

  // MARK: Looking

  func execute(_ sql: String) async throws {
    try await pool.withConnection { try await $0.execute(sql) }
  }

  func value<Value: PostgresDecodable & Sendable>(
    _ sql: String, _ type: Value.Type = Value.self
  ) async throws -> Value {
    try await pool.withConnection { try await $0.value(sql, type) }
  }

  /// The kinds of all notices, in the order of their events.
  func kinds() async throws -> [String] {
    try await notices.listNotices(limit: 100).reversed().map(\.kind)
  }

  static let now = Instant(microseconds: 1_775_117_000_000_000)
  /// 2026-03-01, the beginning of every window here.
  static let march = Instant(microseconds: 1_772_323_200_000_000)
}

/// The events that were told.
final class Told: Sendable {
  private let events = Locked<[Event]>([])

  var all: [Event] { events.withLock { $0 } }

  @Sendable func hear(_ event: Event) { events.withLock { $0.append(event) } }
}

extension SubscriptionDefinition {
  /// A subscription to everything of one source unless said otherwise.
  static func of(
    _ name: String, sources: [String] = [], streams: [String] = [], tags: [String] = [],
    events: [NoticeKind] = NoticeKind.allCases, by delivery: Delivery
  ) -> SubscriptionDefinition {
    SubscriptionDefinition(
      name: name, scope: Scope(sources: sources, streams: streams, tags: tags), events: events,
      delivery: delivery)
  }
}
