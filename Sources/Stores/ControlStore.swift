public import Domain
public import Postgres

/// What became of an order to steer a backfill.
public enum ControlAnswer: Hashable, Sendable {
  /// It was done, to so many partitions where it is about partitions.
  case done(partitions: Int)
  /// There is no such backfill.
  case unknown
  /// In its present state the order makes no sense; nothing was changed.
  case refused(BackfillState)
}

/// Steers backfills: the orders of an operator.
///
/// Every order locks the backfill first, then its lane, then partitions by number, in the one order
/// of all locks, which stands with the tables (migration 0002).
public struct ControlStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Lets no further partition be claimed; those that run commit what they read and are given back.
  public func pauseBackfill(_ id: BackfillID) async throws(PostgresError) -> ControlAnswer {
    try await steer(id, when: [.running]) { connection throws(PostgresError) in
      _ = try await connection.query(Self.pause, (id.rawValue, true, "paused"))
      return 0
    }
  }

  /// Lets a paused backfill go on.
  public func resumeBackfill(_ id: BackfillID) async throws(PostgresError) -> ControlAnswer {
    try await steer(id, when: [.paused]) { connection throws(PostgresError) in
      _ = try await connection.query(Self.pause, (id.rawValue, false, "running"))
      _ = try await connection.query(Self.notify, ())
      return 0
    }
  }

  /// Ends a backfill now: what has not ended is cancelled, and no batch of it commits any more.
  public func cancelBackfill(_ id: BackfillID) async throws(PostgresError) -> ControlAnswer {
    try await steer(id, when: [.awaitingApproval, .running, .paused]) {
      connection throws(PostgresError) in
      let cancelled = try await connection.query(Self.cancel, (id.rawValue)).first ?? 0
      // All had ended already, and the sequencer is about to say how.
      guard cancelled > 0 else { return 0 }
      _ = try await connection.query(Self.end, (id.rawValue, cancelled))
      try await NoticeWriter().writeCancel(of: id, on: connection)
      return Int(cancelled)
    }
  }

  /// Changes how many partitions may run at once (nil: no cap) or how urgent the backfill is; what
  /// is not given stays.
  public func setBackfill(
    _ id: BackfillID, concurrency: Int32??, priority: Int32?
  ) async throws(PostgresError) -> ControlAnswer {
    try await steer(id, when: [.awaitingApproval, .running, .paused]) {
      connection throws(PostgresError) in
      _ = try await connection.query(
        Self.set, (id.rawValue, concurrency != nil, concurrency ?? nil, priority))
      return 0
    }
  }

  /// Lets failed and cancelled partitions be claimed again, from their checkpoints: those of these
  /// numbers, or all that failed and, where the backfill was cancelled, all that were cancelled.
  ///
  /// Succeeded partitions are not touched. The number of a partition that was split stands for all
  /// its parts.
  ///
  /// The set is one of partitions, never worked out from dates again.
  public func retryBackfill(
    _ id: BackfillID, partitions: [Int32]?
  ) async throws(PostgresError) -> ControlAnswer {
    try await steer(
      id, when: [.running, .paused, .partiallyFailed, .failed, .cancelled]
    ) { connection throws(PostgresError) in
      _ = try await connection.query(Self.reopenLane, (id.rawValue))
      let (failed, cancelled) =
        try await connection.query(Self.retry, (id.rawValue, partitions)).first ?? (0, 0)
      guard failed + cancelled > 0 else {
        _ = try await connection.query(Self.closeLane, (id.rawValue))
        return 0
      }
      _ = try await connection.query(Self.reopen, (id.rawValue, failed, cancelled))
      try await NoticeWriter().writeHold(of: id, on: connection)
      _ = try await connection.query(Self.notify, ())
      return Int(failed + cancelled)
    }
  }

  /// Gives an order, again where a table was just given another partition: it was undone whole.
  private func steer(
    _ id: BackfillID, when states: Set<BackfillState>,
    _ order: @Sendable (Connection) async throws(PostgresError) -> Int
  ) async throws(PostgresError) -> ControlAnswer {
    for _ in 1..<Self.attempts {
      do throws(PostgresError) {
        return try await steerOnce(id, when: states, order)
      } catch {
        guard error.retryAdvice == .now else { throw error }
      }
    }
    return try await steerOnce(id, when: states, order)
  }

  private static let attempts = 5

  /// Gives an order under the lock of the backfill, if its state allows it.
  private func steerOnce(
    _ id: BackfillID, when states: Set<BackfillState>,
    _ order: @Sendable (Connection) async throws(PostgresError) -> Int
  ) async throws(PostgresError) -> ControlAnswer {
    try await pool.withTransaction { connection throws(PostgresError) in
      // A cancel of a million partitions takes longer than any other statement.
      try await connection.execute("SET LOCAL statement_timeout = 0")
      guard let state = try await connection.query(Self.lock, (id.rawValue)).first else {
        return .unknown
      }
      guard let known = BackfillState(rawValue: state), states.contains(known) else {
        return .refused(BackfillState(rawValue: state) ?? .running)
      }
      return .done(partitions: try await order(connection))
    }
  }
}

extension ControlStore {
  static let lock = Statement<Int64, String>(
    "lockBackfill", "SELECT state FROM backfill.backfill WHERE id = $1 FOR NO KEY UPDATE")

  static let notify = Statement<(), String>(
    "notifyWork", "SELECT pg_notify('\(SubmitStore.channel)', '')::text"
  ) { row in try row.read() }

  static let pause = Statement<(Int64, Bool, String), Int64>(
    "pauseBackfill",
    """
    WITH lane AS (
      UPDATE backfill.lane SET paused = $2 WHERE backfill_id = $1
    )
    UPDATE backfill.backfill SET state = $3 WHERE id = $1 RETURNING id
    """)

  static let cancel = Statement<Int64, Int32>(
    "cancelPartitions",
    """
    WITH lane AS MATERIALIZED (
      DELETE FROM backfill.lane WHERE backfill_id = $1 RETURNING backfill_id
    ), unfinished AS MATERIALIZED (
      SELECT p.backfill_id, p.number, p.state, p.fence
        FROM backfill.partition p
        WHERE p.backfill_id = $1 AND p.state IN ('waiting', 'ready', 'running', 'quarantined')
          AND (SELECT count(*) FROM lane) >= 0
        ORDER BY p.number
        FOR NO KEY UPDATE
    ), ended AS (
      UPDATE backfill.partition p
        SET state = 'cancelled', fence = p.fence + 1, finished_at = clock_timestamp(),
          not_before = NULL, kind = NULL, message = 'Cancelled by an operator.'
        FROM unfinished u
        WHERE p.backfill_id = u.backfill_id AND p.number = u.number
        RETURNING p.*, u.state AS old_state, u.fence AS old_fence
    ), history AS (
      INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
          started_at, ended_at, outcome, message)
        SELECT backfill_id, number, attempts, batch_sequence - attempt_sequence, old_fence,
            worker_id, claimed_at, finished_at, 'cancelled', message
          FROM ended WHERE old_state = 'running'
    )
    SELECT count(*)::int FROM ended
    """)

  static let end = Statement<(Int64, Int32), Int64>(
    "endCancelled",
    """
    UPDATE backfill.backfill
      SET state = 'cancelled', cancelled = cancelled + $2, quarantined = 0,
        finished_at = clock_timestamp()
      WHERE id = $1 RETURNING id
    """)

  static let set = Statement<(Int64, Bool, Int32?, Int32?), Int64>(
    "setBackfill",
    """
    WITH changed AS (
      UPDATE backfill.backfill
        SET concurrency = CASE WHEN $2 THEN $3::int ELSE concurrency END,
          priority = coalesce($4::int, priority)
        WHERE id = $1 RETURNING id, concurrency, priority
    ), lane AS (
      UPDATE backfill.lane l SET concurrency = c.concurrency, priority = c.priority
        FROM changed c WHERE l.backfill_id = c.id
    )
    SELECT id FROM changed
    """)

  // The lane is locked before any partition is made ready, so that its frontiers cannot pass it.
  static let reopenLane = Statement<Int64, Int64>(
    "reopenLane",
    """
    INSERT INTO backfill.lane AS l (backfill_id, source_id, priority, concurrency, strict)
      SELECT b.id, b.source_id, b.priority, b.concurrency, b.ordering = 'strict'
        FROM backfill.backfill b WHERE b.id = $1
      ON CONFLICT (backfill_id) DO UPDATE SET ready_frontier = l.ready_frontier
      RETURNING backfill_id
    """)

  // A partition in which too much was rejected is read again from its beginning, because the
  // definition has been mended since; its counters begin anew, and its rejections are closed.
  // Whoever names a partition that was split means its parts, and theirs.
  static let retry = Statement<(Int64, [Int32]?), (Int32, Int32)>(
    "retryPartitions",
    """
    WITH RECURSIVE named(number) AS (
      SELECT n FROM unnest($2::int[]) AS n
      UNION
      SELECT p.number FROM named n JOIN backfill.partition p
        ON p.backfill_id = $1 AND p.parent = n.number
    ), chosen AS MATERIALIZED (
      SELECT p.backfill_id, p.number, p.state, p.rank, p.kind = 'too_many_rejected' AS anew
        FROM backfill.partition p
        WHERE p.backfill_id = $1
          AND (CASE WHEN $2::int[] IS NULL THEN p.state = 'failed' OR p.state = 'cancelled'
              AND (SELECT b.state FROM backfill.backfill b WHERE b.id = $1) = 'cancelled'
            ELSE p.number IN (SELECT number FROM named) AND p.state IN ('failed', 'cancelled') END)
        ORDER BY p.number
        FOR NO KEY UPDATE
    ), retried AS (
      UPDATE backfill.partition p
        SET state = 'ready', fence = p.fence + 1, failures = 0, finished_at = NULL, kind = NULL,
          message = NULL, not_before = NULL,
          checkpoint = CASE WHEN c.anew THEN NULL ELSE p.checkpoint END,
          read = CASE WHEN c.anew THEN 0 ELSE p.read END,
          inserted = CASE WHEN c.anew THEN 0 ELSE p.inserted END,
          versioned = CASE WHEN c.anew THEN 0 ELSE p.versioned END,
          unchanged = CASE WHEN c.anew THEN 0 ELSE p.unchanged END,
          kept = CASE WHEN c.anew THEN 0 ELSE p.kept END,
          stale = CASE WHEN c.anew THEN 0 ELSE p.stale END,
          duplicate = CASE WHEN c.anew THEN 0 ELSE p.duplicate END,
          rejected = CASE WHEN c.anew THEN 0 ELSE p.rejected END,
          outside = CASE WHEN c.anew THEN 0 ELSE p.outside END
        FROM chosen c
        WHERE p.backfill_id = c.backfill_id AND p.number = c.number
        RETURNING c.state AS old_state, c.anew, p.backfill_id, p.number, p.rank
    ), refused AS MATERIALIZED (
      SELECT r.id
        FROM retried t
        JOIN backfill.rejection r ON r.backfill_id = t.backfill_id AND r.number = t.number
        WHERE t.anew AND r.closed_at IS NULL
        ORDER BY r.id FOR UPDATE OF r
    ), closed AS (
      UPDATE backfill.rejection SET closed_at = clock_timestamp(), closed_as = 'read_again'
        WHERE id IN (SELECT id FROM refused)
    ), lane AS (
      UPDATE backfill.lane l
        SET ready_frontier = least(l.ready_frontier, (SELECT min(rank) FROM retried)),
          ready_place = DEFAULT
        WHERE l.backfill_id = $1 AND EXISTS (SELECT FROM retried)
    )
    SELECT count(*) FILTER (WHERE old_state = 'failed')::int,
        count(*) FILTER (WHERE old_state = 'cancelled')::int
      FROM retried
    """,
    parameters: { input, parameters in
      try parameters.append(input.0)
      try parameters.append(input.1)
    }
  )

  static let closeLane = Statement<Int64, Int64>(
    "closeLane",
    """
    DELETE FROM backfill.lane l USING backfill.backfill b
      WHERE l.backfill_id = $1 AND b.id = $1 AND b.finished_at IS NOT NULL
      RETURNING l.backfill_id
    """)

  static let reopen = Statement<(Int64, Int32, Int32), Int64>(
    "reopenBackfill",
    """
    UPDATE backfill.backfill
      SET state = CASE WHEN state = 'paused' THEN state ELSE 'running' END, finished_at = NULL,
        failed = failed - $2, cancelled = cancelled - $3
      WHERE id = $1 RETURNING id
    """)
}
