public import Domain
public import Postgres

/// Reads backfills, their partitions and attempts, for people.
public struct BackfillStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// A backfill by its number.
  public func findBackfill(_ id: BackfillID) async throws(PostgresError) -> BackfillRow? {
    try await pool.query(Self.backfills, BackfillFilter(id: id)).first
  }

  /// Backfills, the newest first.
  public func listBackfills(
    _ filter: BackfillFilter
  ) async throws(PostgresError) -> [BackfillRow] {
    try await pool.query(Self.backfills, filter)
  }

  /// The definition that a backfill was submitted with, as JSON, and its stream's id.
  public func findDefinition(_ id: BackfillID) async throws(PostgresError) -> String? {
    try await pool.query(Self.definition, (id.rawValue)).first
  }

  /// The partitions of a backfill by number, after a number, of one state or of all.
  public func listPartitions(
    of backfill: BackfillID, state: PartitionState?, after number: Int32, limit: Int
  ) async throws(PostgresError) -> [PartitionRow] {
    try await pool.query(
      Self.partitions, (backfill.rawValue, state?.rawValue, number, Int32(clamping: limit)))
  }

  /// The attempts of a backfill that ended, by partition and number, after one of them; of one
  /// partition or of all.
  public func listAttempts(
    of backfill: BackfillID, partition: Int32?, after last: AttemptRow? = nil, limit: Int
  ) async throws(PostgresError) -> [AttemptRow] {
    try await pool.query(
      Self.attempts,
      (
        backfill.rawValue, partition, last?.partition.number ?? 0, last?.attempt ?? 0,
        Int32(clamping: limit)
      ))
  }

  /// What a backfill changed of the measures: sums by name and currency.
  public func sumMeasures(of backfill: BackfillID) async throws(PostgresError) -> [MeasureRow] {
    try await pool.query(Self.measures, (backfill.rawValue))
  }

  /// The keys of a backfill's records that had an outcome, in no particular order.
  public func listKeys(
    of backfill: BackfillID, outcome: Outcome, limit: Int
  ) async throws(PostgresError) -> [String?] {
    switch outcome {
    case .inserted:
      try await pool.query(Self.insertedKeys, (backfill.rawValue, Int32(clamping: limit)))
    default:
      try await pool.query(
        Self.otherKeys, (backfill.rawValue, outcome.rawValue, Int32(clamping: limit)))
    }
  }

  static let backfills = Statement<BackfillFilter, BackfillRow>(
    "listBackfills",
    """
    SELECT b.id, b.stream_id, b.source_id, b.stream, b.tags, b.from_at, b.to_at, b.step,
        b.time_zone, b.ordering, b.only_set, b.policy, b.requested_by, b.reason, b.state,
        b.submitted_at, b.started_at, b.finished_at, b.total, b.succeeded, b.failed, b.skipped,
        b.replaced, b.quarantined, b.cancelled, b.verified, b.inserted, b.versioned, b.unchanged,
        b.kept, b.stale, b.duplicate, b.rejected, b.outside, b.requests, b.concurrency, b.priority,
        coalesce(running.count, 0), coalesce(waiting.count, 0), waiting.first,
        CASE WHEN budget.held_until > clock_timestamp() AND l.backfill_id IS NOT NULL
          THEN budget.held_until END,
        b.mode, b.verifies, b.verify_by
      FROM backfill.backfill b
      LEFT JOIN backfill.lane l ON l.backfill_id = b.id
      LEFT JOIN backfill.request_budget budget ON budget.source_id = b.source_id
      LEFT JOIN LATERAL (
        SELECT count(*) FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
            AND p.claimed_at >= l.running_frontier
      ) AS running ON true
      LEFT JOIN LATERAL (
        SELECT count(*), min(p.not_before) AS first FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'waiting'
            AND p.not_before >= l.due_frontier
      ) AS waiting ON true
      WHERE ($1::bigint IS NULL OR b.id = $1) AND ($2::text IS NULL OR b.stream = $2)
        AND ($3::text IS NULL OR b.state = $3) AND ($4::bigint IS NULL OR b.id < $4)
      ORDER BY b.id DESC LIMIT $5
    """,
    parameters: { filter, parameters in
      try parameters.append(filter.id?.rawValue)
      try parameters.append(filter.stream)
      try parameters.append(filter.state?.rawValue)
      try parameters.append(filter.before?.rawValue)
      try parameters.append(Int32(clamping: filter.limit))
    }
  ) { row in try BackfillRow(&row) }

  static let definition = Statement<Int64, String>(
    "findDefinition", "SELECT definition FROM backfill.backfill WHERE id = $1")

  static let partitions = Statement<(Int64, String?, Int32, Int32), PartitionRow>(
    "listPartitions",
    """
    SELECT p.backfill_id, p.number, p.from_at, p.to_at,
        CASE WHEN p.state = 'waiting' AND p.not_before <= clock_timestamp() THEN 'ready'
          ELSE p.state END,
        p.attempts, p.failures, p.inserted, p.versioned, p.unchanged, p.kept, p.stale, p.duplicate,
        p.rejected, p.outside, p.requests, p.worker_id, p.claimed_at, p.lease_until, p.not_before,
        p.finished_at, p.verified_at, p.kind, p.message, p.checkpoint, p.parent,
        (SELECT array_agg(c.number ORDER BY c.number) FROM backfill.partition c
          WHERE c.backfill_id = p.backfill_id AND c.parent = p.number),
        proof.verification, proof.from_at, proof.to_at, proof.source_records, proof.store_records,
        proof.missing, proof.gone, proof.different, proof.kept, proof.stale, proof.moved,
        proof.refused, proof.unsettled, proof.is_equal, proof.method, proof.proved_at
      FROM backfill.partition p
      LEFT JOIN LATERAL (
        SELECT * FROM backfill.proof f
          WHERE f.backfill_id = p.backfill_id AND f.number = p.number
          ORDER BY f.verification DESC LIMIT 1
      ) AS proof ON true
      WHERE p.backfill_id = $1 AND ($2::text IS NULL OR p.state = $2) AND p.number > $3
      ORDER BY p.number LIMIT $4
    """
  ) { row in try PartitionRow(&row) }

  static let attempts = Statement<(Int64, Int32?, Int32, Int32, Int32), AttemptRow>(
    "listAttempts",
    """
    SELECT a.backfill_id, a.number, a.attempt, a.batches, a.started_at, a.ended_at, a.outcome,
        a.kind, a.message, a.worker_id, w.name
      FROM backfill.attempt a LEFT JOIN backfill.worker w ON w.id = a.worker_id
      WHERE a.backfill_id = $1 AND (a.number, a.attempt) > ($3, $4)
        AND a.number >= coalesce($2::int, 0) AND a.number <= coalesce($2, 2147483647)
      ORDER BY a.number, a.attempt LIMIT $5
    """
  ) { row in try AttemptRow(&row) }

  static let measures = Statement<Int64, MeasureRow>(
    "sumMeasures",
    """
    SELECT name, currency, sum(amount)::text, sum(records)::bigint
      FROM backfill.backfill_measure WHERE backfill_id = $1
      GROUP BY name, currency ORDER BY name, currency
    """
  ) { row in
    MeasureRow(
      name: try row.read(), currency: try row.read(), amount: try row.read(),
      records: try row.read())
  }

  // Documents are looked for where the backfill's batches inserted some, those of spans that overlap
  // once. A document that was versioned since names another batch; its first version names this one.
  static let insertedKeys = Statement<(Int64, Int32), String?>(
    "listInsertedKeys",
    """
    WITH written AS MATERIALIZED (
      SELECT id, key_from, key_to FROM backfill.batch WHERE backfill_id = $1 AND inserted > 0
    ), span AS MATERIALIZED (
      SELECT min(key_from) AS key_from, max(key_to) AS key_to
        FROM (
          SELECT key_from, key_to, count(*) FILTER (WHERE is_apart) OVER (ORDER BY key_from) AS part
            FROM (
              SELECT key_from, key_to, key_from > max(key_to) OVER (
                  ORDER BY key_from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS is_apart
                FROM written
            ) AS w
        ) AS w
        GROUP BY part
    )
    SELECT d.key
      FROM backfill.backfill b
      CROSS JOIN span
      CROSS JOIN LATERAL (
        SELECT * FROM backfill.document d
          WHERE d.stream_id = b.stream_id AND d.key >= span.key_from AND d.key <= span.key_to
          OFFSET 0
      ) AS d
      LEFT JOIN LATERAL (
        SELECT v.batch_id FROM backfill.document_version v
          WHERE d.version > 1 AND v.stream_id = d.stream_id AND v.key = d.key AND v.version = 1
      ) AS v ON true
      JOIN written w ON w.id = CASE WHEN d.version = 1 THEN d.batch_id ELSE v.batch_id END
      WHERE b.id = $1
      ORDER BY d.key LIMIT $2
    """
  ) { row in try row.read() }

  static let otherKeys = Statement<(Int64, String, Int32), String?>(
    "listKeys",
    """
    SELECT k.key FROM backfill.batch_keys b, unnest(b.keys) AS k(key)
      WHERE b.backfill_id = $1 AND b.outcome = $2
    UNION ALL
    SELECT r.key FROM backfill.rejection r
      WHERE $2 = 'rejected' AND r.backfill_id = $1 AND r.reason <> 'duplicate'
    LIMIT $3
    """
  ) { row in try row.read() }
}

/// Which backfills to list.
public struct BackfillFilter: Hashable, Sendable {
  /// Only this one.
  public var id: BackfillID?
  /// Only those of a stream.
  public var stream: String?
  /// Only those in a state.
  public var state: BackfillState?
  /// Only those with a lower number, to go on where a list ended.
  public var before: BackfillID?
  /// At most so many.
  public var limit: Int

  /// A filter; all of its parts must hold.
  public init(
    id: BackfillID? = nil, stream: String? = nil, state: BackfillState? = nil,
    before: BackfillID? = nil, limit: Int = 100
  ) {
    self.id = id
    self.stream = stream
    self.state = state
    self.before = before
    self.limit = limit
  }
}
