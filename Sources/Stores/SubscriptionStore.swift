public import Domain
import JSON
public import Postgres

/// Who is told of what, as it was applied.
public struct SubscriptionStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Writes subscriptions and retires others by name, in one transaction; all that are not named
  /// stay as they are.
  ///
  /// One that was disabled hears again when it is applied with another way of delivery.
  public func applySubscriptions(
    _ subscriptions: [SubscriptionDefinition], retiring retired: [String] = []
  ) async throws(PostgresError) {
    try await pool.withTransaction { connection throws(PostgresError) in
      try await Self.apply(subscriptions, retiring: retired, on: connection)
    }
  }

  /// The subscriptions that are not retired, by name.
  public func listSubscriptions() async throws(PostgresError) -> [SubscriptionRow] {
    try await pool.query(Self.list, ())
  }
}

extension SubscriptionStore {
  /// The same as part of a transaction.
  static func apply(
    _ subscriptions: [SubscriptionDefinition], retiring retired: [String],
    on connection: Connection
  ) async throws(PostgresError) {
    guard !subscriptions.isEmpty || !retired.isEmpty else { return }
    // One document at a time: two that name the same in another order would wait for each other.
    try await connection.execute("LOCK TABLE backfill.subscription IN SHARE ROW EXCLUSIVE MODE")
    for subscription in subscriptions.sorted(by: { $0.name < $1.name }) {
      _ = try await connection.query(upsert, subscription)
    }
    guard !retired.isEmpty else { return }
    _ = try await connection.query(retire, (retired))
  }

  static let upsert = Statement<SubscriptionDefinition, Int32>(
    "upsertSubscription",
    """
    INSERT INTO backfill.subscription AS s (name, team, sources, streams, tags, events, delivery)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (name) DO UPDATE
        SET team = excluded.team, sources = excluded.sources, streams = excluded.streams,
          tags = excluded.tags, events = excluded.events, delivery = excluded.delivery,
          applied_at = clock_timestamp(), retired_at = NULL,
          disabled_at = CASE WHEN s.delivery = excluded.delivery THEN s.disabled_at END,
          disabled_reason = CASE WHEN s.delivery = excluded.delivery THEN s.disabled_reason END
      RETURNING id
    """,
    parameters: { subscription, parameters in
      try parameters.append(subscription.name)
      try parameters.append(subscription.team)
      try parameters.append(subscription.scope.sources)
      try parameters.append(subscription.scope.streams)
      try parameters.append(subscription.scope.tags)
      try parameters.append(subscription.events.map(\.rawValue))
      try parameters.append(subscription.delivery.json.encoded())
    }
  ) { row in try row.read() }

  static let retire = Statement<[String], String>(
    "retireSubscriptions",
    """
    UPDATE backfill.subscription SET retired_at = clock_timestamp()
      WHERE name = ANY ($1) AND retired_at IS NULL RETURNING name
    """)

  static let list = Statement<(), SubscriptionRow>(
    "listSubscriptions",
    """
    SELECT s.name, s.team, s.sources, s.streams, s.tags, s.events, s.delivery, s.applied_at,
        s.disabled_at, s.disabled_reason, (SELECT count(*) FROM backfill.delivery d
          WHERE d.subscription_id = s.id AND d.state = 'pending')
      FROM backfill.subscription s
      WHERE s.retired_at IS NULL
      ORDER BY s.name
    """
  ) { row in try SubscriptionRow(&row) }
}

/// A subscription as it is stored.
public struct SubscriptionRow: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The team that it is for.
  public var team: String
  /// The streams of which it hears.
  public var scope: Scope
  /// The events of which it hears, by the names of `NoticeKind`.
  public var events: [String]
  /// How it is told, as JSON; secrets are references in it.
  public var delivery: String
  /// When it was last applied.
  public var appliedAt: Instant
  /// Since when it is told nothing, because its receiver said that it is gone.
  public var disabledAt: Instant?
  /// What the receiver said.
  public var disabledReason: String?
  /// How many notices are on their way to it.
  public var pending: Int64

  init(_ row: inout RowReader) throws(PostgresError) {
    name = try row.read()
    team = try row.read()
    scope = Scope(sources: try row.read(), streams: try row.read(), tags: try row.read())
    events = try row.read()
    delivery = try row.read()
    appliedAt = Instant(try row.read())
    disabledAt = try row.read(Timestamp?.self).map(Instant.init)
    disabledReason = try row.read()
    pending = try row.read()
  }
}
