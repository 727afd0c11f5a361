public import Domain
public import Postgres

/// Records that could not be taken: lists them, gives them up, takes them again.
public struct RejectionStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Open rejections by id, after an id, of one backfill or of all.
  ///
  /// At most `limit`, and no more than some 16 MiB of records, but one if there is one.
  public func listRejections(
    of backfill: BackfillID?, after id: Int64, limit: Int
  ) async throws(PostgresError) -> [RejectionRow] {
    try await pool.query(Self.open, (backfill?.rawValue, id, Int32(clamping: limit)))
  }

  /// The highest id that a rejection has; 0 without any.
  public func lastRejection() async throws(PostgresError) -> Int64 {
    try await pool.query(Self.last).first ?? 0
  }

  /// Gives up the open rejections of a backfill; tells how many that were.
  ///
  /// The records stay.
  public func discardRejections(of backfill: BackfillID) async throws(PostgresError) -> Int {
    Int(try await pool.query(Self.discard, (backfill.rawValue)).first ?? 0)
  }

  /// Notes why records are still refused, where that has changed.
  public func updateReasons(
    _ reasons: [(id: Int64, reason: RejectionReason)]
  ) async throws(PostgresError) {
    guard !reasons.isEmpty else { return }
    _ = try await pool.query(
      Self.update,
      (
        reasons.map(\.id), reasons.map(\.reason.name), reasons.map(\.reason.message),
        reasons.map(\.reason.isRetryable)
      ))
  }

  /// Takes rejected records as one batch of a backfill of its own, by the rules of every batch, and
  /// closes their rejections, in one transaction.
  ///
  /// Nil, and nothing written, where one of them was closed meanwhile: who comes second finds
  /// nothing to take, so that no record is ever taken twice.
  public func redrive(_ order: RedriveOrder) async throws(PostgresError) -> Redriven? {
    let stage = StageBuffer()
    return try await pool.withTransaction { connection throws(PostgresError) in
      let locked = try await connection.query(Self.lock, (order.rejections))
      guard locked.count == order.rejections.count else { return nil }
      guard let id = try await connection.query(Self.begin, order).first else {
        throw PostgresError.unexpectedAnswer(to: "beginRedrive", "gave no row")
      }
      let backfill = BackfillID(rawValue: id)
      let answer = try await CommitStore.commit(
        order.commit(of: backfill), staging: stage, on: connection)
      guard case .committed(let counts, _) = answer else {
        throw PostgresError.unexpectedAnswer(to: "commitBatch", "refused a batch of its own")
      }
      return Redriven(backfill: backfill, records: counts)
    }
  }
}

extension RejectionStore {
  static let open = Statement<(Int64?, Int64, Int32), RejectionRow>(
    "listRejections",
    """
    WITH page AS (
      SELECT r.*, sum(octet_length(r.record)) OVER (ORDER BY r.id) - octet_length(r.record) AS before
        FROM (
          SELECT * FROM backfill.rejection
            WHERE closed_at IS NULL AND ($1::bigint IS NULL OR backfill_id = $1) AND id > $2
            ORDER BY id LIMIT $3
        ) AS r
    )
    SELECT r.id, s.name, r.backfill_id, r.number, p.from_at, p.to_at, r.position, r.key, r.reason,
        r.message, r.retryable, r.rejected_at, r.record
      FROM page r
      JOIN backfill.stream s ON s.id = r.stream_id
      JOIN backfill.partition p ON p.backfill_id = r.backfill_id AND p.number = r.number
      WHERE r.before < 16777216
      ORDER BY r.id
    """,
    parameters: { input, parameters in
      try parameters.append(input.0)
      try parameters.append(input.1)
      try parameters.append(input.2)
    }
  ) { row in try RejectionRow(&row) }

  static let last = Statement<(), Int64>(
    "lastRejection", "SELECT coalesce(max(id), 0) FROM backfill.rejection"
  ) { row in try row.read() }

  static let discard = Statement<Int64, Int64>(
    "discardRejections",
    """
    WITH open AS MATERIALIZED (
      SELECT id FROM backfill.rejection WHERE backfill_id = $1 AND closed_at IS NULL
        ORDER BY id FOR UPDATE
    ), closed AS (
      UPDATE backfill.rejection SET closed_at = clock_timestamp(), closed_as = 'discarded'
        WHERE id IN (SELECT id FROM open) RETURNING id
    )
    SELECT count(*) FROM closed
    """)

  static let update = Statement<([Int64], [String], [String], [Bool]), Int64>(
    "updateReasons",
    """
    WITH news AS MATERIALIZED (
      SELECT i.*
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[])
          AS i(id, reason, message, retryable)
        JOIN backfill.rejection r ON r.id = i.id
        WHERE r.closed_at IS NULL
          AND (r.reason, r.message) IS DISTINCT FROM (i.reason, i.message)
        ORDER BY i.id FOR UPDATE OF r
    )
    UPDATE backfill.rejection r
      SET reason = n.reason, message = n.message, retryable = n.retryable
      FROM news n WHERE r.id = n.id
      RETURNING r.id
    """)

  static let lock = Statement<[Int64], Int64>(
    "lockRejections",
    """
    SELECT id FROM backfill.rejection WHERE id = ANY ($1) AND closed_at IS NULL
      ORDER BY id FOR UPDATE
    """)

  // The process signs as a worker that has stopped already: the history says who did it, and nobody
  // takes it for one that claims. The partition is born running, for the commit that follows.
  static let begin = Statement<RedriveOrder, Int64>(
    "beginRedrive",
    """
    WITH closed AS (
      UPDATE backfill.rejection SET closed_at = clock_timestamp(), closed_as = 'redriven'
        WHERE id = ANY ($1)
    ), worker AS (
      INSERT INTO backfill.worker (name, version, concurrency, stopped_at)
        VALUES ($2, $3, 1, clock_timestamp()) RETURNING id
    ), backfill AS (
      INSERT INTO backfill.backfill (mode, stream_id, source_id, stream, definition, tags, from_at,
          to_at, step, time_zone, ordering, only_set, policy, requested_by, reason, state, total,
          priority)
        VALUES ('redrive', $4, $5, $6, $7, $8, $9, $10, $11, $12, 'oldest', 'all', $13, $14, $15,
          'running', 1, 0)
        RETURNING id, from_at, to_at
    )
    INSERT INTO backfill.partition (backfill_id, number, rank, fence, from_at, to_at, attempts,
        worker_id, claimed_at, lease_until, state)
      SELECT backfill.id, 1, 1, 1, from_at, to_at, 1, worker.id, clock_timestamp(),
          clock_timestamp() + interval '1 minute', 'running'
        FROM backfill, worker
      RETURNING backfill_id
    """,
    parameters: { order, parameters in
      try parameters.append(order.rejections)
      try parameters.append(order.worker)
      try parameters.append(order.version)
      try parameters.append(order.stream.id)
      try parameters.append(order.stream.source)
      try parameters.append(order.stream.name)
      try parameters.append(order.definition)
      try parameters.append(order.tags)
      try parameters.append(Timestamp(order.window.from))
      try parameters.append(Timestamp(order.window.to))
      try parameters.append(order.step)
      try parameters.append(order.timeZone)
      try parameters.append(order.policy.rawValue)
      try parameters.append(order.requestedBy)
      try parameters.append(order.reason)
    }
  ) { row in try row.read() }
}
