import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

extension Fixture {
  /// Lets the leases of all that runs run out.
  func expire() async throws {
    try await execute(
      """
      UPDATE backfill.partition SET lease_until = clock_timestamp() - interval '1 second'
        WHERE state = 'running'
      """)
  }

  /// Ends the attempts whose leases ran out, as the rescuer does; gives how many.
  @discardableResult
  func rescueLost() async throws -> Int {
    let lost = try await partitions.findLostPartitions(limit: 100, leaseSeconds: 0)
    return try await partitions.endAttempts(
      lost.map { lost in
        AttemptEnd(
          held: lost.held, outcome: .lost, next: .wait(0),
          failures: lost.madeProgress ? 1 : lost.failures + 1, kind: "lost",
          message: "lost", requests: 0)
      }
    ).count
  }

  /// Ends an attempt; by default it failed and may be tried again at once.
  @discardableResult
  func end(
    _ claimed: ClaimedPartition, _ outcome: AttemptEnd.Outcome = .failed,
    next: AttemptEnd.Next = .wait(0), failures: Int32 = 1, message: String? = "broke",
    requests: Int32 = 0
  ) async throws -> Bool {
    let ended = try await partitions.endAttempts([
      AttemptEnd(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), outcome: outcome, next: next,
        failures: failures, kind: "test", message: message, requests: requests)
    ])
    return !ended.isEmpty
  }

  /// Ends partitions without records; gives those that were still held.
  @discardableResult
  func complete(_ claimed: [ClaimedPartition], requests: Int32 = 0) async throws -> [PartitionID] {
    try await partitions.completeEmpty(
      claimed.map {
        EmptyPartition(held: HeldPartition(id: $0.id, fence: $0.fence), requests: requests)
      })
  }

  /// Waits until so many sessions of this database wait for a lock.
  func eventuallyWaiting(_ count: Int) async throws -> Bool {
    try await eventually {
      try await database.withConnection { connection in
        try await connection.value(
          """
          SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE NOT l.granted AND a.datname = current_database()
          """, Int64.self) == Int64(count)
      }
    }
  }

  /// One partition as it stands.
  func partition(_ number: Int32, of backfill: BackfillID) async throws -> PartitionRow {
    try #require(
      try await backfills.listPartitions(of: backfill, state: nil, after: number - 1, limit: 1)
        .first)
  }
}
