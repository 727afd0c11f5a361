public import Domain
public import Postgres

/// Claims partitions, keeps their leases, and ends their attempts.
public struct PartitionStore: Sendable {
  let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Claims up to `room` partitions for a worker, each with a lease.
  public func claimPartitions(
    worker: WorkerID, room: Int, leaseSeconds: Double
  ) async throws(PostgresError) -> [ClaimedPartition] {
    let claimed = try await pool.query(
      Self.claim, (worker.rawValue, Int32(clamping: room), leaseSeconds))
    // The statement cannot give more; were it ever to, the caps would be worth nothing.
    guard claimed.count <= room else {
      throw PostgresError.unexpectedAnswer(
        to: "claimPartitions", "gave \(claimed.count) partitions where \(room) were asked for")
    }
    return claimed
  }

  /// Everything that a worker has claimed and that has not ended.
  public func findClaims(of worker: WorkerID) async throws(PostgresError) -> [ClaimOnRecord] {
    try await pool.query(Self.claims, worker.rawValue)
  }

  /// Renews the leases that are still held, and says how each partition stands.
  ///
  /// A row that is locked at the moment is being committed, which renews its lease anyway. While
  /// the server is up for less than a lease, one that ran out is renewed too: nobody could while
  /// the server was away, and nobody rescues so soon.
  public func renewLeases(
    _ held: [HeldPartition], worker: WorkerID, leaseSeconds: Double
  ) async throws(PostgresError) -> [LeaseStanding] {
    try await pool.query(
      Self.renew,
      (
        held.map(\.id.backfill.rawValue), held.map(\.id.number), held.map(\.fence), leaseSeconds,
        worker.rawValue
      ))
  }

  /// Ends attempts that are not ended by a commit; gives those that were still held.
  public func endAttempts(
    _ ends: [AttemptEnd]
  ) async throws(PostgresError) -> [PartitionID] {
    try await pool.query(Self.end, ends)
  }

  /// Ends partitions that had nothing to store; gives those that were still held.
  public func completeEmpty(
    _ done: [EmptyPartition]
  ) async throws(PostgresError) -> [PartitionID] {
    try await pool.query(
      Self.complete,
      (
        done.map(\.held.id.backfill.rawValue), done.map(\.held.id.number), done.map(\.held.fence),
        done.map(\.requests)
      ))
  }

  /// Partitions whose worker let the lease run out.
  ///
  /// None as long as the server is up for less than a lease: it was not the workers' fault then,
  /// and they are given the time to say how they stand.
  public func findLostPartitions(
    limit: Int, leaseSeconds: Double
  ) async throws(PostgresError) -> [LostPartition] {
    try await pool.query(Self.lost, (Int32(clamping: limit), leaseSeconds))
  }

  /// Of these partitions those whose last two attempts were both lost; what was given back between
  /// does not count.
  public func findRepeatedlyLost(
    _ partitions: [PartitionID]
  ) async throws(PostgresError) -> [PartitionID] {
    try await pool.query(
      Self.repeatedlyLost, (partitions.map(\.backfill.rawValue), partitions.map(\.number)))
  }

  /// When work may become due by itself: the earliest time that a partition or source waits for.
  public func nextDue() async throws(PostgresError) -> Instant? {
    try await pool.query(Self.due, ()).first.flatMap { $0 }.map(Instant.init)
  }
}
