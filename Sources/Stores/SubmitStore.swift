public import Domain
public import Postgres

/// Writes a planned backfill: its row, its partitions, its lane, in one transaction.
public struct SubmitStore: Sendable {
  /// The channel on which idle workers hear of work.
  public static let channel = "backfill_work"

  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Submits a backfill; it can be claimed once this returns.
  public func submitBackfill(_ new: NewBackfill) async throws(PostgresError) -> BackfillID {
    try await pool.withTransaction { connection throws(PostgresError) in
      let ids = try await connection.query(Self.insertBackfill, new)
      guard let id = ids.first else {
        throw PostgresError.unexpectedAnswer(to: "insertBackfill", "gave no row")
      }
      let rows = Self.rows(of: new.plan, backfill: id, submittedAt: new.submittedAt)
      _ = try await connection.copyIn(Self.copyPartitions, from: rows) { _ in }
      if !new.plan.partitions.isEmpty {
        _ = try await connection.query(
          Self.openLane,
          (id, new.source, new.priority, new.concurrency, new.order == .strict))
        try await NoticeWriter().writeHold(of: BackfillID(rawValue: id), on: connection)
      }
      return BackfillID(rawValue: id)
    }
  }

  /// The partitions of a window that earlier backfills of the stream read to their end.
  public func findCoverage(
    stream: Int32, window: Window
  ) async throws(PostgresError) -> [Coverage] {
    try await pool.query(
      Self.coverage, (stream, Timestamp(window.from), Timestamp(window.to)))
  }

  /// The partitions of a window that failed, and that no later backfill of the stream made good.
  public func findFailures(
    stream: Int32, window: Window
  ) async throws(PostgresError) -> [Coverage] {
    try await pool.query(
      Self.failures, (stream, Timestamp(window.from), Timestamp(window.to)))
  }

  /// What earlier backfills of the stream read of a window, by partition.
  public func findLoads(
    stream: Int32, window: Window
  ) async throws(PostgresError) -> [WindowLoad] {
    try await pool.query(
      Self.loads, (stream, Timestamp(window.from), Timestamp(window.to)))
  }

  private static func rows(
    of plan: Plan, backfill: Int64, submittedAt: Instant
  ) -> CopyBuffer {
    let rows = CopyBuffer(capacity: (plan.partitions.count + plan.skipped.count + 1) * 96)
    for partition in plan.partitions {
      append(
        number: partition.number, rank: partition.rank, partition.window, backfill, to: rows)
      rows.append("ready")
      rows.appendNull()
      rows.appendNull()
    }
    for skipped in plan.skipped {
      append(number: skipped.number, rank: skipped.number, skipped.window, backfill, to: rows)
      rows.append("skipped")
      rows.append(timestamp: submittedAt.microseconds)
      rows.append(skipped.reason.description)
    }
    return rows
  }

  private static func append(
    number: Int, rank: Int, _ window: Window, _ backfill: Int64, to rows: CopyBuffer
  ) {
    rows.beginRow(columns: 8)
    rows.append(backfill)
    rows.append(Int32(clamping: number))
    rows.append(Int32(clamping: rank))
    rows.append(timestamp: window.from.microseconds)
    rows.append(timestamp: window.to.microseconds)
  }

  private static let copyPartitions = """
    COPY backfill.partition (backfill_id, number, rank, from_at, to_at, state, finished_at, message) \
    FROM STDIN (FORMAT binary)
    """

  static let insertBackfill = Statement<NewBackfill, Int64>(
    "insertBackfill",
    """
    INSERT INTO backfill.backfill (stream_id, source_id, stream, definition, tags, from_at, to_at,
        step, time_zone, ordering, only_set, policy, requested_by, reason, state, finished_at,
        total, skipped, concurrency, priority, verify_by)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
        CASE WHEN $15::int = $16::int THEN 'succeeded' ELSE 'running' END,
        CASE WHEN $15 = $16 THEN clock_timestamp() END, $15, $16, $17, $18, $19)
      RETURNING id
    """,
    parameters: { new, parameters in
      try parameters.append(new.stream)
      try parameters.append(new.source)
      try parameters.append(new.streamName)
      try parameters.append(new.definition)
      try parameters.append(new.tags)
      try parameters.append(Timestamp(new.window.from))
      try parameters.append(Timestamp(new.window.to))
      try parameters.append(new.step)
      try parameters.append(new.timeZone)
      try parameters.append(new.order.rawValue)
      try parameters.append(new.selection.rawValue)
      try parameters.append(new.policy.rawValue)
      try parameters.append(new.requestedBy)
      try parameters.append(new.reason)
      try parameters.append(Int32(clamping: new.plan.partitions.count + new.plan.skipped.count))
      try parameters.append(Int32(clamping: new.plan.skipped.count))
      try parameters.append(new.concurrency)
      try parameters.append(new.priority)
      try parameters.append(new.verifyBy)
    }
  ) { row in try row.read() }

  static let openLane = Statement<(Int64, Int32, Int32, Int32?, Bool), Int64>(
    "openLane",
    """
    WITH lane AS (
      INSERT INTO backfill.lane (backfill_id, source_id, priority, concurrency, strict)
        VALUES ($1, $2, $3, $4, $5) RETURNING backfill_id
    )
    SELECT backfill_id FROM lane, LATERAL (SELECT pg_notify('\(channel)', '')) AS told
    """)

  static let coverage = Statement<(Int32, Timestamp, Timestamp), Coverage>(
    "findCoverage",
    """
    SELECT p.backfill_id, p.from_at, p.to_at
      FROM backfill.backfill b
      JOIN backfill.partition p ON p.backfill_id = b.id
      WHERE b.stream_id = $1 AND b.mode = 'load' AND b.from_at < $3 AND b.to_at > $2
        AND p.from_at < $3 AND p.to_at > $2 AND p.state = 'succeeded'
      ORDER BY p.from_at, p.to_at
    """
  ) { row in try Coverage(&row) }

  static let loads = Statement<(Int32, Timestamp, Timestamp), WindowLoad>(
    "findLoads",
    """
    SELECT p.backfill_id, p.from_at, p.to_at, p.read - p.outside
      FROM backfill.backfill b
      JOIN backfill.partition p ON p.backfill_id = b.id
      WHERE b.stream_id = $1 AND b.mode = 'load' AND b.from_at < $3 AND b.to_at > $2
        AND p.from_at < $3 AND p.to_at > $2 AND p.state = 'succeeded'
      ORDER BY p.from_at, p.to_at
    """
  ) { row in
    let backfill = BackfillID(rawValue: try row.read())
    return WindowLoad(try Window(&row), records: try row.read(), by: backfill)
  }

  static let failures = Statement<(Int32, Timestamp, Timestamp), Coverage>(
    "findFailures",
    """
    WITH failed AS MATERIALIZED (
      SELECT p.backfill_id, p.from_at, p.to_at
        FROM backfill.backfill b
        JOIN backfill.partition p ON p.backfill_id = b.id
        WHERE b.stream_id = $1 AND b.mode = 'load' AND b.from_at < $3 AND b.to_at > $2
          AND p.from_at < $3 AND p.to_at > $2 AND p.state = 'failed'
    ), later AS MATERIALIZED (
      SELECT f.backfill_id, (
          SELECT range_agg(tstzrange(p.from_at, p.to_at))
            FROM backfill.backfill b
            JOIN backfill.partition p ON p.backfill_id = b.id
            WHERE b.stream_id = $1 AND b.mode = 'load' AND b.id > f.backfill_id
              AND b.from_at < $3 AND b.to_at > $2 AND p.state = 'succeeded'
        ) AS good
        FROM (SELECT DISTINCT backfill_id FROM failed) AS f
    )
    SELECT f.backfill_id, f.from_at, f.to_at
      FROM failed f JOIN later l ON l.backfill_id = f.backfill_id
      WHERE l.good IS NULL OR NOT l.good @> tstzrange(f.from_at, f.to_at)
      ORDER BY f.from_at, f.to_at
    """
  ) { row in try Coverage(&row) }
}

extension Coverage {
  /// Reads `backfill_id, from_at, to_at`.
  fileprivate init(_ row: inout RowReader) throws(PostgresError) {
    let backfill = BackfillID(rawValue: try row.read())
    self.init(try Window(&row), by: backfill)
  }
}
