public import Domain
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
  /// A probe is one call with arrays. Any other batch, of whatever size, is copied: against arrays
  /// a copy costs 0.35 ms more per batch up to a hundred rows and a fifth less at 5,000 (two cores
  /// of an AMD EPYC, 2026-11-21, `backfill-bench batches`), and one way is easier to trust than two.
  /// It is copied to a temporary table, and the call that judges and writes stands in the
  /// same query string behind the COPY: the server goes on with it by itself, so that no client,
  /// stopped or slow, ever holds the partition's lock. `stage` is used for the copy.
  ///
  /// When the connection breaks after the batch was sent, the error's effect is unknown, and
  /// `findBatch` finds out.
  public func commit(
    _ order: CommitOrder, staging stage: StageBuffer
  ) async throws(PostgresError) -> CommitAnswer {
    try await pool.withConnection { connection throws(PostgresError) in
      try await Self.commit(order, staging: stage, on: connection)
    }
  }

  /// The same on a connection whose transaction, if it is in one, the caller ends.
  nonisolated(nonsending) static func commit(
    _ order: CommitOrder, staging stage: StageBuffer, on connection: Connection
  ) async throws(PostgresError) -> CommitAnswer {
    if order.isProbe, order.batch.isPlain { return try await probe(order, on: connection) }
    stage.fill(order)
    let rows = try await connection.copyIn(sql(order), from: stage.rows) {
      row throws(PostgresError) in try CommitAnswer(&row)
    }
    guard let answer = rows.first else {
      throw PostgresError.unexpectedAnswer(to: "commitBatch", "gave no row")
    }
    return answer
  }

  /// Asks whether all documents are known as they are, and if so commits the batch: one call with
  /// two arrays, which for keys and hashes costs half of what the copy of as many rows does.
  private nonisolated(nonsending) static func probe(
    _ order: CommitOrder, on connection: Connection
  ) async throws(PostgresError) -> CommitAnswer {
    guard let answer = try await connection.first(probe, order) else {
      throw PostgresError.unexpectedAnswer(to: "probeBatch", "gave no row")
    }
    return answer
  }

  /// The batch of an order whose answer was lost: its counts and the partition's state, or nil.
  ///
  /// The partition's row is locked first: a commit that is still under way holds that lock, so its
  /// outcome is waited for.
  public func findBatch(
    _ order: CommitOrder
  ) async throws(PostgresError) -> (OutcomeCounts, PartitionState)? {
    try await pool.withTransaction { connection throws(PostgresError) in
      let id = order.partition
      _ = try await connection.query(Self.lockPartition, (id.backfill.rawValue, id.number))
      return try await connection.query(
        Self.batch, (id.backfill.rawValue, id.number, order.sequence, order.fence)
      ).first
    }
  }

  static func sql(_ order: CommitOrder) -> String {
    """
    /* commitBatch */ CREATE TEMPORARY TABLE IF NOT EXISTS stage (kind "char" NOT NULL, \
    position int, event_at timestamptz, source_version bigint, key text COLLATE "C", bytes bytea, \
    measures text, payload text) ON COMMIT DELETE ROWS; \
    COPY pg_temp.stage FROM STDIN (FORMAT binary); \
    SELECT status, inserted, versioned, unchanged, kept, stale, duplicate, rejected, outside, \
    state FROM backfill.\(order.listing == nil ? "commit_batch" : "commit_listing")\
    (\(order.partition.backfill), \(order.partition.number), \
    \(order.fence), \(order.sequence))
    """
  }

  static let probe = Statement<CommitOrder, CommitAnswer>(
    "probeBatch",
    """
    SELECT status, inserted, versioned, unchanged, kept, stale, duplicate, rejected, outside, state
      FROM backfill.commit_batch($1, $2, $3, $4, $5, $6, $7)
    """,
    parameters: { order, parameters in
      try parameters.append(order.partition.backfill.rawValue)
      try parameters.append(order.partition.number)
      try parameters.append(order.fence)
      try parameters.append(order.sequence)
      try parameters.append(CommitHeader(order: order).json)
      let documents = SortedDocuments(order.batch)
      try parameters.append(documents.keys)
      try parameters.append(documents.hashes)
    },
    row: { row in try CommitAnswer(&row) })

  static let lockPartition = Statement<(Int64, Int32), Int32>(
    "lockPartition",
    """
    SELECT number FROM backfill.partition WHERE backfill_id = $1 AND number = $2
    FOR NO KEY UPDATE
    """)

  static let batch = Statement<
    (Int64, Int32, Int32, Int64), (OutcomeCounts, PartitionState)
  >(
    "findBatch",
    """
    SELECT b.inserted, b.versioned, b.unchanged, b.kept, b.stale, b.duplicate, b.rejected,
        b.outside, p.state
      FROM backfill.batch b
      JOIN backfill.partition p ON p.backfill_id = b.backfill_id AND p.number = b.number
      WHERE b.backfill_id = $1 AND b.number = $2 AND b.sequence = $3 AND b.fence = $4
    """
  ) { row in (try OutcomeCounts(&row), try row.readName()) }
}
