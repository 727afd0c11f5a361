public import Domain
public import Postgres

extension PartitionStore {
  /// Splits a partition that is held, under its fence; see `backfill.split_partition`.
  ///
  /// Again where the order stood in a circle of locks with others: it was undone whole.
  public func splitPartition(
    _ order: PartitionSplit
  ) async throws(PostgresError) -> SplitAnswer {
    for _ in 1..<Self.splitAttempts {
      do throws(PostgresError) {
        return try await splitOnce(order)
      } catch {
        guard error.retryAdvice == .now else { throw error }
      }
    }
    return try await splitOnce(order)
  }

  /// Where a verifying partition may be cut so that each part compares whole partitions: their
  /// beginnings inside of it, in the order of time.
  public func findBoundaries(of verifying: PartitionID) async throws(PostgresError) -> [Instant] {
    try await pool.query(
      Self.boundaries, (verifying.backfill.rawValue, verifying.number)
    ).map(Instant.init)
  }

  private static let splitAttempts = 5

  private func splitOnce(_ order: PartitionSplit) async throws(PostgresError) -> SplitAnswer {
    guard let (status, parts) = try await pool.query(Self.split, order).first else {
      throw PostgresError.unexpectedAnswer(to: "splitPartition", "gave no row")
    }
    switch status {
    case "split", "repeated": return .split(into: parts ?? [])
    case "fenced": return .fenced
    case "expired": return .expired
    case "too_many": return .tooMany
    default: throw PostgresError.unexpectedAnswer(to: "splitPartition", "gave \(status)")
    }
  }

  static let boundaries = Statement<(Int64, Int32), Timestamp>(
    "findBoundaries",
    """
    SELECT p.from_at
      FROM backfill.backfill b
      JOIN backfill.partition v ON v.backfill_id = b.id AND v.number = $2
      JOIN backfill.partition p ON p.backfill_id = b.verifies
      WHERE b.id = $1 AND p.state = 'succeeded' AND p.from_at > v.from_at AND p.from_at < v.to_at
      ORDER BY p.from_at
    """
  ) { row in try row.read() }

  static let split = Statement<PartitionSplit, (String, [Int32]?)>(
    "splitPartition",
    """
    SELECT status, parts FROM backfill.split_partition($1, $2, $3, $4, $5, $6, $7, $8)
    """,
    parameters: { order, parameters in
      try parameters.append(order.held.id.backfill.rawValue)
      try parameters.append(order.held.id.number)
      try parameters.append(order.held.fence)
      try parameters.append(order.cuts.map(Timestamp.init))
      try parameters.append(order.parent == .doneUpToFirstCut)
      try parameters.append(order.kind)
      try parameters.append(storable(order.message))
      try parameters.append(order.requests)
    }
  ) { row in (try row.read(), try row.read()) }
}
