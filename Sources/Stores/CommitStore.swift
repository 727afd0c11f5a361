import Domain
public import Postgres

/// Commits batches: documents, rejections, counters and checkpoint in one transaction.
public struct CommitStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Commits a batch; the whole commit is one round trip after the copy.
  ///
  /// The batch is copied to a temporary table, and the call that judges and writes stands in the
  /// same query string behind the COPY: the server goes on with it by itself, so that no client,
  /// stopped or slow, ever holds the partition's lock. `stage` is used for the copy.
  ///
  /// When the connection breaks after the batch was sent, the error's `commitOutcomeUnknown` says
  /// so, and `wasCommitted` finds out.
  public func commit(
    _ order: CommitOrder, staging stage: StageBuffer
  ) async throws(PostgresError) -> CommitAnswer {
    stage.fill(order)
    let rows = try await pool.withConnection { connection throws(PostgresError) in
      try await connection.copyIn(Self.sql(order), from: stage.rows) {
        row throws(PostgresError) in try CommitAnswer(&row)
      }
    }
    guard let answer = rows.first else { throw PostgresError.unexpectedAnswer(to: "commitBatch", "gave no row") }
    return answer
  }

  /// Whether a batch whose answer was lost is there.
  ///
  /// The partition's row is locked first: a commit that is still under way holds that lock, so its
  /// outcome is waited for.
  public func wasCommitted(_ order: CommitOrder) async throws(PostgresError) -> Bool {
    try await pool.withTransaction { connection throws(PostgresError) in
      _ = try await connection.query(
        Self.lockPartition, (order.partition.backfill.rawValue, order.partition.number))
      let found = try await connection.query(
        Self.findBatch,
        (
          order.partition.backfill.rawValue, order.partition.number, order.sequence, order.fence
        ))
      return !found.isEmpty
    }
  }

  private static func sql(_ order: CommitOrder) -> String {
    """
    /* commitBatch */ CREATE TEMPORARY TABLE IF NOT EXISTS stage (kind "char" NOT NULL, \
    position int, event_at timestamptz, source_version bigint, key text COLLATE "C", bytes bytea, \
    measures text, payload text) ON COMMIT DELETE ROWS; \
    COPY pg_temp.stage FROM STDIN (FORMAT binary); \
    SELECT status, inserted, versioned, unchanged, kept, stale, duplicate, rejected, outside, \
    state FROM backfill.commit_batch(\(order.partition.backfill), \(order.partition.number), \
    \(order.fence), \(order.sequence))
    """
  }

  static let lockPartition = Statement<(Int64, Int32), Int32>(
    "lockPartition",
    """
    SELECT number FROM backfill.partition WHERE backfill_id = $1 AND number = $2
    FOR NO KEY UPDATE
    """)

  static let findBatch = Statement<(Int64, Int32, Int32, Int64), Int32>(
    "findBatch",
    """
    SELECT sequence FROM backfill.batch
    WHERE backfill_id = $1 AND number = $2 AND sequence = $3 AND fence = $4
    """)
}
