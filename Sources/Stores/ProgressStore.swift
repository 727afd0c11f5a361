public import Domain
public import Postgres

/// Reads what is known of a running backfill at a moment.
public struct ProgressStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// The backfill, and what stands in its way; nil where there is no such backfill.
  public func findProgress(
    of id: BackfillID
  ) async throws(PostgresError) -> (row: BackfillRow, facts: ProgressFacts)? {
    try await pool.withConnection { connection throws(PostgresError) in
      let rows = try await connection.query(BackfillStore.backfills, BackfillFilter(id: id))
      guard let row = rows.first else { return nil }
      guard let hindrance = try await connection.query(Self.hindrance, (id.rawValue)).first else {
        return nil
      }
      return (row, hindrance.facts(of: row))
    }
  }

  // A worker is alive that was heard of within a few of the times at which workers are heard of.
  static let hindrance = Statement<Int64, Hindrance>(
    "findHindrance",
    """
    SELECT
        (SELECT count(*) FROM backfill.worker w
          WHERE w.stopped_at IS NULL
            AND w.heartbeat_at > clock_timestamp() - interval '20 seconds'),
        budget.held_reason,
        (SELECT max(p.not_before) FROM backfill.partition p
          WHERE p.backfill_id = b.id AND p.state = 'waiting'),
        CASE WHEN b.ordering = 'strict' THEN
          (SELECT p.number FROM backfill.partition p
            WHERE p.backfill_id = b.id AND p.state IN ('failed', 'quarantined')
            ORDER BY p.rank, p.place LIMIT 1) END,
        patient.not_before, patient.message,
        (SELECT s.failure FROM backfill.sequencer s)
      FROM backfill.backfill b
      JOIN backfill.request_budget budget ON budget.source_id = b.source_id
      LEFT JOIN LATERAL (
        SELECT p.not_before, p.message FROM backfill.partition p
          WHERE p.backfill_id = b.id AND p.state = 'waiting' AND p.kind = 'rate_limited'
          ORDER BY p.not_before LIMIT 1
      ) AS patient ON true
      WHERE b.id = $1
    """
  ) { row in
    Hindrance(
      workersAlive: try row.read(), heldReason: try row.read(),
      lastDue: try row.read(Timestamp?.self).map(Instant.init), blockedBy: try row.read(),
      patientUntil: try row.read(Timestamp?.self).map(Instant.init), patience: try row.read(),
      foldFailure: try row.read())
  }
}

/// What may stand in the way of a backfill, beside what its own row says.
struct Hindrance: Sendable {
  var workersAlive: Int64
  var heldReason: String?
  var lastDue: Instant?
  var blockedBy: Int32?
  /// Until when the first of the partitions waits that the source, or one of its limits, sent away.
  var patientUntil: Instant?
  /// In which words.
  var patience: String?
  var foldFailure: String?

  func facts(of row: BackfillRow) -> ProgressFacts {
    let source = String(row.stream.prefix { $0 != "." })
    return ProgressFacts(
      state: row.state, partitions: row.counts, records: row.records.read,
      workersAlive: Int(workersAlive),
      held: row.sourceHeldUntil.map {
        ProgressFacts.Held(source: source, until: $0, reason: heldReason)
      } ?? patientHold(of: source, row),
      firstDue: row.nextDueAt, lastDue: lastDue, blockedBy: blockedBy.map(Int.init),
      foldFailure: foldFailure)
  }

  /// A limit of an endpoint holds no source, only the partitions that asked there.
  private func patientHold(of source: String, _ row: BackfillRow) -> ProgressFacts.Held? {
    guard let patientUntil, patientUntil == row.nextDueAt, row.counts[.ready] == 0 else {
      return nil
    }
    return ProgressFacts.Held(source: source, until: patientUntil, reason: patience)
  }
}
