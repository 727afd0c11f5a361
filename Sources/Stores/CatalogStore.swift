public import Domain
public import Postgres

/// Sources and streams as they were applied.
public struct CatalogStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Writes sources with their streams, and subscriptions, in one transaction.
  ///
  /// Backfills that were submitted keep the definition they have; streams that a source no longer
  /// has are retired, not removed. Sources and subscriptions that are not named stay as they are.
  public func applySources(
    _ sources: [AppliedSource], subscriptions: [SubscriptionDefinition] = [],
    retiring retired: [String] = []
  ) async throws(PostgresError) {
    try await pool.withTransaction { connection throws(PostgresError) in
      // One document at a time, and budgets in the order in which a claim locks them.
      try await connection.execute("LOCK TABLE backfill.source IN SHARE ROW EXCLUSIVE MODE")
      _ = try await connection.query(Self.lockBudgets, (sources.map(\.name)))
      for source in sources {
        let ids = try await connection.query(
          Self.upsertSource, (source.name, source.definition, source.concurrency))
        guard let id = ids.first else {
          throw PostgresError.unexpectedAnswer(to: "upsertSource", "gave no row")
        }
        _ = try await connection.query(
          Self.upsertStreams, (id, source.streams.map(\.name), source.streams.map(\.definition)))
        _ = try await connection.query(Self.upsertLimits, (id, source.limits))
      }
      try await SubscriptionStore.apply(subscriptions, retiring: retired, on: connection)
    }
  }

  /// The streams that can be backfilled, by name.
  public func listStreams() async throws(PostgresError) -> [StreamRow] {
    try await pool.query(Self.streams, (nil))
  }

  /// A stream by its full name, as long as it is not retired.
  public func findStream(_ name: String) async throws(PostgresError) -> StreamRow? {
    try await pool.query(Self.streams, (name)).first
  }

  /// The sources, by name.
  public func listSources() async throws(PostgresError) -> [SourceRow] {
    try await pool.query(Self.sources, ())
  }

  static let lockBudgets = Statement<[String], Int32>(
    "lockBudgets",
    """
    SELECT b.source_id FROM backfill.request_budget b JOIN backfill.source s ON s.id = b.source_id
      WHERE s.name = ANY ($1)
      ORDER BY b.source_id FOR NO KEY UPDATE OF b
    """)

  static let upsertSource = Statement<(String, String, Int32?), Int32>(
    "upsertSource",
    """
    WITH applied AS (
      INSERT INTO backfill.source (name, definition) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE
          SET definition = excluded.definition, applied_at = clock_timestamp()
        RETURNING id
    ), budget AS (
      INSERT INTO backfill.request_budget (source_id, concurrency) SELECT id, $3 FROM applied
        ON CONFLICT (source_id) DO UPDATE SET concurrency = excluded.concurrency
    )
    SELECT id FROM applied
    """)

  static let upsertStreams = Statement<(Int32, [String], [String]), Int32>(
    "upsertStreams",
    """
    WITH applied AS (
      INSERT INTO backfill.stream (source_id, name, definition)
        SELECT $1, s.name, s.definition
          FROM unnest($2::text[], $3::text[]) AS s(name, definition)
        ON CONFLICT (name) DO UPDATE
          SET definition = excluded.definition, source_id = excluded.source_id,
            applied_at = clock_timestamp(), retired_at = NULL
        RETURNING id
    ), retired AS (
      UPDATE backfill.stream SET retired_at = clock_timestamp()
        WHERE source_id = $1 AND name <> ALL ($2) AND retired_at IS NULL
    )
    SELECT id FROM applied
    """)

  static let streams = Statement<String?, StreamRow>(
    "listStreams",
    """
    SELECT s.id, s.source_id, s.name, s.definition, source.name, source.definition, s.applied_at
      FROM backfill.stream s JOIN backfill.source ON source.id = s.source_id
      WHERE s.retired_at IS NULL AND ($1::text IS NULL OR s.name = $1)
      ORDER BY s.name
    """,
    parameters: { name, parameters in try parameters.append(name) }
  ) { row in
    StreamRow(
      id: try row.read(), source: try row.read(), name: try row.read(),
      definition: try row.read(), sourceName: try row.read(), sourceDefinition: try row.read(),
      appliedAt: Instant(try row.read()))
  }

  static let sources = Statement<(), SourceRow>(
    "listSources",
    """
    SELECT s.id, s.name, s.definition, s.applied_at, b.concurrency,
        CASE WHEN b.held_until > clock_timestamp() THEN b.held_until END, b.held_reason,
        (SELECT count(*) FROM backfill.stream t WHERE t.source_id = s.id AND t.retired_at IS NULL)
      FROM backfill.source s JOIN backfill.request_budget b ON b.source_id = s.id
      ORDER BY s.name
    """
  ) { row in
    SourceRow(
      id: try row.read(), name: try row.read(), definition: try row.read(),
      appliedAt: Instant(try row.read()), concurrency: try row.read(),
      heldUntil: try row.read(Timestamp?.self).map(Instant.init), heldReason: try row.read(),
      streams: try row.read())
  }

  // What is no longer there goes with all that was granted under it; what is left goes on.
  static let upsertLimits = Statement<(Int32, [AppliedLimit]), String>(
    "upsertLimits",
    """
    WITH given AS (
      SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::bigint[], $9::text[])
        AS g(name, definition, kind, spacing, slack, lateness, capacity, zone)
    ), gone AS (
      DELETE FROM backfill.request_limit l
        WHERE l.source_id = $1 AND NOT EXISTS (SELECT FROM given WHERE given.name = l.name)
        RETURNING l.id
    ), put AS (
      INSERT INTO backfill.request_limit AS l
          (source_id, name, definition, kind, spacing, slack, lateness, capacity, zone)
        SELECT $1, given.* FROM given
        ON CONFLICT (source_id, name) DO UPDATE
          SET definition = excluded.definition, kind = excluded.kind, spacing = excluded.spacing,
            slack = excluded.slack, lateness = excluded.lateness, capacity = excluded.capacity,
            zone = excluded.zone
          WHERE (l.definition, l.kind, l.spacing, l.slack, l.lateness, l.capacity, l.zone)
            IS DISTINCT FROM (excluded.definition, excluded.kind, excluded.spacing, excluded.slack,
              excluded.lateness, excluded.capacity, excluded.zone)
        RETURNING l.id
    ), changed AS (
      UPDATE backfill.request_budget b SET revision = b.revision + 1
        WHERE b.source_id = $1 AND (EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM put))
        RETURNING b.source_id
    )
    SELECT pg_notify('\(BudgetStore.channel)', source_id::text)::text FROM changed
    """,
    parameters: { input, parameters in
      let (source, limits) = input
      try parameters.append(source)
      try parameters.append(limits.map(\.name))
      try parameters.append(limits.map(\.definition))
      try parameters.append(limits.map(\.kind.rawValue))
      try parameters.append(limits.map(\.spacing))
      try parameters.append(limits.map(\.slack))
      try parameters.append(limits.map(\.lateness))
      try parameters.append(limits.map(\.capacity))
      try parameters.append(limits.map(\.zone))
    })
}

/// A source to be applied: its definitions as canonical JSON.
public struct AppliedSource: Sendable {
  /// A stream to be applied.
  public struct Stream: Sendable {
    /// The full name.
    public var name: String
    /// The definition as JSON.
    public var definition: String

    /// A stream to be applied.
    public init(name: String, definition: String) {
      self.name = name
      self.definition = definition
    }
  }

  /// The name.
  public var name: String
  /// The definition as JSON, without its streams.
  public var definition: String
  /// How many partitions may run at once over all workers; nil for no cap.
  public var concurrency: Int32?
  /// The limits on how often it may be asked.
  public var limits: [AppliedLimit]
  /// Its streams.
  public var streams: [Stream]

  /// A source to be applied.
  public init(
    name: String, definition: String, concurrency: Int32?, limits: [AppliedLimit] = [],
    streams: [Stream]
  ) {
    self.name = name
    self.definition = definition
    self.concurrency = concurrency
    self.limits = limits
    self.streams = streams
  }
}

/// A stream as it is stored.
public struct StreamRow: Hashable, Sendable {
  /// Its id in the store.
  public var id: Int32
  /// Its source's id.
  public var source: Int32
  /// The full name.
  public var name: String
  /// The definition as JSON.
  public var definition: String
  /// The source's name.
  public var sourceName: String
  /// The source's definition as JSON.
  public var sourceDefinition: String
  /// When it was last applied.
  public var appliedAt: Instant
}

/// A source as it is stored.
public struct SourceRow: Hashable, Sendable {
  /// Its id in the store.
  public var id: Int32
  /// The name.
  public var name: String
  /// The definition as JSON.
  public var definition: String
  /// When it was last applied.
  public var appliedAt: Instant
  /// How many partitions may run at once; nil for no cap.
  public var concurrency: Int32?
  /// Until when nothing is asked of it; nil when it may be asked.
  public var heldUntil: Instant?
  /// Why it is held.
  public var heldReason: String?
  /// How many streams it has.
  public var streams: Int64
}
