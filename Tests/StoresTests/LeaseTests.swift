import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A lease")
struct LeaseTests {
  @Test("is renewed for who holds it, and who does not is told")
  func renew() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 4)
      let claimed = try await store.claim(4, lease: 30)
      try await store.end(claimed[1])
      try await store.execute(
        "UPDATE backfill.partition SET lease_until = clock_timestamp() WHERE number = 3")
      let held = claimed.map { HeldPartition(id: $0.id, fence: $0.fence) }
      #expect(try await eventually { try await store.isServerUp(seconds: 2) })
      let standing = try await store.partitions.renewLeases(
        held, worker: store.worker, leaseSeconds: 2)
      #expect(
        Dictionary(uniqueKeysWithValues: standing.map { ($0.held.id.number, $0.claim) })
          == [1: .held, 2: .lost, 3: .expired, 4: .held])
      #expect(standing.allSatisfy { !$0.isPaused })
      let renewed = try await store.pool.withConnection { connection in
        try await connection.column(
          """
          SELECT number FROM backfill.partition
            WHERE lease_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '2 s'
            ORDER BY 1
          """, Int32.self)
      }
      #expect(renewed == [1, 4])
      _ = try await store.control.pauseBackfill(backfill)
      let paused = try await store.partitions.renewLeases(
        held, worker: store.worker, leaseSeconds: 30)
      #expect(!paused.map(\.isPaused).contains(false))
    }
  }

  @Test("that is being used by a commit is not waited for, and counts as held")
  func busy() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      let claimed = try await store.claim(2)
      try await store.database.withConnection { holder in
        try await holder.execute(
          "BEGIN; SELECT FROM backfill.partition WHERE number = 1 FOR NO KEY UPDATE")
        let standing = try await store.partitions.renewLeases(
          claimed.map { HeldPartition(id: $0.id, fence: $0.fence) }, worker: store.worker,
          leaseSeconds: 30)
        #expect(standing.count == 2)
        #expect(standing.allSatisfy { $0.claim == .held })
        try await holder.execute("ROLLBACK")
      }
    }
  }

  @Test("that ran out while the server was away is renewed soon after the server is back")
  func serverWasAway() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claim(1, lease: 0)
      let standing = try await store.partitions.renewLeases(
        claimed.map { HeldPartition(id: $0.id, fence: $0.fence) }, worker: store.worker,
        leaseSeconds: 86_400)
      #expect(standing.map(\.claim) == [.held])
      #expect(
        try await store.pool.withConnection { connection in
          try await connection.value(
            "SELECT lease_until > clock_timestamp() FROM backfill.partition", Bool.self)
        })
    }
  }

  @Test("tells its holder when the source asks for patience, and for how much longer")
  func patience() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let held = try await store.claim(1).map { HeldPartition(id: $0.id, fence: $0.fence) }
      func standing() async throws -> LeaseStanding? {
        try await store.partitions.renewLeases(held, worker: store.worker, leaseSeconds: 30).first
      }
      #expect(try await standing()?.patience == nil)
      try await store.budgets.holdRequests(
        to: store.stream.source, for: 3_600_000_000, reason: "429")
      let told = try #require(try await standing())
      #expect(told.claim == .held)
      #expect(told.patienceReason == "429")
      #expect(3_540_000_000...3_600_000_000 ~= told.patience ?? 0)
      try await store.execute(
        "UPDATE backfill.request_budget SET held_until = clock_timestamp()")
      #expect(try await standing()?.patience == nil)
    }
  }

  @Test("tells that its worker is alive")
  func heartbeat() async throws {
    try await Fixture.with { store in
      try await store.execute("UPDATE backfill.worker SET heartbeat_at = now() - interval '1 day'")
      let workers = WorkerStore(pool: store.pool)
      #expect(try await workers.listWorkers(heardWithin: 60).isEmpty)
      #expect(
        try await store.partitions.renewLeases([], worker: store.worker, leaseSeconds: 30).isEmpty)
      #expect(try await workers.listWorkers(heardWithin: 60).map(\.id) == [store.worker])
      _ = try await store.submit(days: 2)
      _ = try await store.claim(2)
      #expect(try await workers.listWorkers(heardWithin: nil).map(\.running) == [2])
      try await workers.retireWorker(store.worker)
      #expect(try await workers.listWorkers(heardWithin: 60).isEmpty)
    }
  }
}

extension Fixture {
  /// Whether the server has been up for so long.
  fileprivate func isServerUp(seconds: Int) async throws -> Bool {
    try await pool.withConnection { connection in
      try await connection.value(
        """
        SELECT pg_postmaster_start_time() + interval '\(seconds) s' < clock_timestamp()
        """, Bool.self)
    }
  }
}
