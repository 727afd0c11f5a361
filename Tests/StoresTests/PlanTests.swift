import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("With a million partitions")
struct PlanTests {
  @Test("a claim touches few rows and pages, and no step reads a whole table")
  func claim() async throws {
    let log = PlanLog()
    try await Fixture.with(connections: 1, onNotice: { log.note($0) }) { store in
      let few = try await store.submit(days: 1_000)
      try await store.execute(PlanLog.start)
      let before = try await Self.claimPlan(store, log)
      _ = try await store.control.cancelBackfill(few)
      try await store.addMillion()
      let after = try await Self.claimPlan(store, log)
      // The same work as with a thousand, apart from the height of an index.
      #expect(after.rows <= before.rows)
      #expect(after.rows < 150)
      #expect(after.pages <= before.pages * 3, "\(before.pages), then \(after.pages)")
    }
  }

  @Test("plans made when there were few still read by index, whatever statement they are of")
  func stalePlans() async throws {
    let log = PlanLog()
    try await Fixture.with(connections: 1, onNotice: { log.note($0) }) { store in
      for _ in 1...8 { try await store.exercise(try await store.submit(days: 10)) }
      let many = try await store.addMillion()
      try await store.execute(PlanLog.start)
      _ = log.take()
      try await store.exercise(many)
      let plans = log.take()
      #expect(plans.count > 20)
      for table in ["partition", "batch_default", "attempt_default", "document", "batch_keys"] {
        let whole = plans.filter { plan in
          plan.split(separator: "\n").contains { $0.contains("Seq Scan on \(table) ") }
        }
        #expect(whole.isEmpty, "\(whole.first ?? "")")
      }
      for plan in plans {
        #expect(PlanLog.rowsRead(in: [plan]) < 300, "\(plan)")
      }
    }
  }

  @Test("a fold reads the batches that it folds, however many days of them there are")
  func fold() async throws {
    let log = PlanLog()
    try await Fixture.with(connections: 1, onNotice: { log.note($0) }) { store in
      let backfill = try await store.submit(days: 1)
      let today = try #require(
        CivilDate(
          try await store.value("SELECT (now() AT TIME ZONE 'UTC')::date::text", String.self)))
      for day in 0..<80 {
        try await HistoryStore(pool: store.pool).addDay(today.adding(days: -day))
      }
      try await store.execute(
        """
        INSERT INTO backfill.batch (id, backfill_id, number, sequence, fence, worker_id,
            committed_at, pages, requests, read, inserted, versioned, unchanged, kept, stale,
            duplicate, rejected, outside)
          SELECT 1, \(backfill), n, 2, 1, 1, now() - n % 80 * interval '1 day', 1, 1, 0, 0, 0, 0, 0,
              0, 0, 0, 0
            FROM generate_series(1, 20000) n;
        INSERT INTO backfill.tally (backfill_id, batch_number, batch_sequence, committed_at)
          SELECT backfill_id, number, sequence, committed_at FROM backfill.batch
            WHERE sequence = 2 AND number % 80 = 0
        """)
      try await store.execute(PlanLog.start)
      _ = log.take()
      #expect(try await store.sequencer.fold(limit: 2_000)?.tallies == 250)
      let plans = log.take().filter { $0.contains("UPDATE backfill.batch") }
      #expect(plans.count == 1)
      #expect(PlanLog.rowsRead(in: plans) < 5_000, "\(plans)")
      let numbered = try await store.value("SELECT count(position) FROM backfill.batch", Int64.self)
      #expect(numbered == 250)
    }
  }

  private static func claimPlan(
    _ store: Fixture, _ log: PlanLog
  ) async throws -> (rows: Int, pages: Int) {
    for _ in 1...3 { _ = try await store.claim(10) }
    _ = log.take()
    #expect(try await store.claim(10).count == 10)
    let plans = log.take().filter { $0.contains("UPDATE backfill.partition") }
    #expect(plans.count == 1)
    #expect(PlanLog.steps("Seq Scan on partition", in: plans).isEmpty)
    #expect(PlanLog.steps("Bitmap", in: plans).isEmpty)
    let byRank = PlanLog.steps("Index Scan using partition_ready on partition", in: plans)
    #expect(!byRank.isEmpty, "\(plans)")
    return (PlanLog.rowsRead(in: plans), PlanLog.pagesTouched(in: plans))
  }
}

extension Fixture {
  /// Adds a backfill of a million partitions, and history to look through.
  @discardableResult
  func addMillion() async throws -> BackfillID {
    let backfill = try await submit(days: 1)
    try await execute(
      """
      INSERT INTO backfill.partition (backfill_id, number, rank, from_at, to_at)
        SELECT \(backfill), n, n, '2024-03-01', '2024-03-02' FROM generate_series(2, 1000000) n;
      UPDATE backfill.backfill SET total = 1000000 WHERE id = \(backfill);
      INSERT INTO backfill.batch (id, backfill_id, number, sequence, fence, worker_id, committed_at,
          pages, requests, read, inserted, versioned, unchanged, kept, stale, duplicate, rejected,
          outside)
        SELECT 1, \(backfill), n, 1, 1, 1, '2024-03-01', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
          FROM generate_series(500000, 600000) n;
      INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
          started_at, ended_at, outcome)
        SELECT \(backfill), n, 1, 1, 1, 1, '2024-03-01', '2024-03-01', 'succeeded'
          FROM generate_series(500000, 600000) n;
      INSERT INTO backfill.document (batch_id, event_at, stream_id, version, key, payload_hash,
          payload)
        SELECT 1, '2024-03-01', \(stream.id), 1, 'old:' || n, '', '{}'
          FROM generate_series(1, 100000) n
      """)
    return backfill
  }

  /// Uses every statement that a running fleet uses.
  func exercise(_ backfill: BackfillID) async throws {
    let claimed = try await claim(10)
    _ = try await partitions.renewLeases(
      claimed.map { HeldPartition(id: $0.id, fence: $0.fence) }, worker: worker, leaseSeconds: 60)
    let order = try order(claimed[0], [record("a"), record("b", v: 2)], end: .succeeded)
    _ = try await commits.commit(order, staging: StageBuffer())
    _ = try await commits.findBatch(order)
    try await complete(Array(claimed[1...4]))
    for partition in claimed[5...] { try await end(partition) }
    _ = try await partitions.findLostPartitions(limit: 100, leaseSeconds: 0)
    _ = try await partitions.nextDue()
    _ = try await sequencer.fold(limit: 1_000)
    try await sequencer.advanceFrontiers()
    _ = try await backfills.findBackfill(backfill)
    _ = try await backfills.listPartitions(of: backfill, state: .succeeded, after: 0, limit: 5)
    _ = try await backfills.listPartitions(of: backfill, state: nil, after: 100, limit: 5)
    let attempts = try await backfills.listAttempts(of: backfill, partition: nil, limit: 5)
    _ = try await backfills.listAttempts(
      of: backfill, partition: nil, after: attempts.last, limit: 5)
    _ = try await backfills.listAttempts(of: backfill, partition: 1, limit: 5)
    _ = try await backfills.listKeys(of: backfill, outcome: .inserted, limit: 5)
    _ = try await backfills.listKeys(of: backfill, outcome: .unchanged, limit: 5)
    _ = try await WorkerStore(pool: pool).listWorkers(heardWithin: 60)
  }
}
