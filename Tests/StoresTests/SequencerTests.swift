import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The sequencer")
struct SequencerTests {
  @Test("folds each tally once, whoever folds at the same time and whoever is killed meanwhile")
  func once() async throws {
    try await Fixture.with(connections: 12) { store in
      let backfill = try await store.submit(days: 4)
      let claimed = try await store.claim(4)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, partition) in claimed.enumerated() {
          group.addTask { try await Self.write(60, to: partition, of: store, seed: index) }
        }
        try await withThrowingTaskGroup(of: Int.self) { folders in
          for index in 0..<3 {
            folders.addTask { try await Self.fold(store, limit: 3 + index * 20) }
          }
          folders.addTask { try await Self.kill(store) }
          try await group.waitForAll()
          folders.cancelAll()
          let passes = try await folders.reduce(0, +)
          #expect(passes > 10)
        }
      }
      try await store.retrying { try await store.fold() }
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .succeeded)
      #expect(row.counts[.succeeded] == 4)
      try await store.expectCountsAddUp()
      try await store.expectMeasuresFromDocuments()
      try await store.expectPositionsInOrder(count: 240)
    }
  }

  @Test("gives positions in the order of the commits, although numbers are drawn before")
  func lateTally() async throws {
    try await Fixture.with(connections: 4) { store in
      _ = try await store.submit(days: 3)
      let claimed = try await store.claim(3)
      try await store.database.withConnection { slow in
        // The first batch has drawn the lowest number, and is not committed yet.
        try await slow.execute("BEGIN")
        let stage = StageBuffer()
        let first = try store.order(claimed[0], [record("slow")], cursor: "1")
        stage.fill(first)
        _ = try await slow.copyIn(CommitStore.sql(first), from: stage.rows) { row in
          try CommitAnswer(&row)
        }
        // Its transaction is the highest there is, and not among those that have ended.
        for _ in 1...3 { #expect(try await store.sequencer.fold(limit: 5)?.tallies == 0) }
        for sequence in 1...60 {
          _ = try await store.commit(
            claimed[1], [record("k\(sequence)")], sequence: Int32(sequence), cursor: "1")
          #expect(try await store.sequencer.fold(limit: 5)?.tallies == 1)
        }
        try await slow.execute("COMMIT")
      }
      _ = try await store.commit(claimed[0], [record("next")], sequence: 2, end: .succeeded)
      #expect(try await store.sequencer.fold(limit: 1)?.tallies == 1)
      #expect(try await store.sequencer.fold(limit: 1)?.tallies == 1)
      #expect(try await store.sequencer.fold(limit: 1)?.tallies == 0)
      try await store.expectPositionsInOrder(count: 62)
      try await store.expectCountsAddUp()
    }
  }

  @Test("steps over what was folded, and writes nothing where there is nothing to fold")
  func idle() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      for sequence in 1...30 {
        _ = try await store.commit(claimed, [], sequence: Int32(sequence), cursor: "\(sequence)")
        _ = try await store.sequencer.fold(limit: 10)
      }
      // Transactions of other databases may still be under way that could have drawn a number.
      let isThere = try await eventually {
        _ = try await store.sequencer.fold(limit: 10)
        return try await store.value("SELECT tally_from = 31 FROM backfill.sequencer", Bool.self)
      }
      #expect(isThere)
      let before = try await store.database.snapshot(withTransactions: true)
      #expect(try await store.sequencer.fold(limit: 10)?.tallies == 0)
      #expect(try await store.database.snapshot(withTransactions: true) == before)
    }
  }

  @Test("takes the pass from a process that stopped in it, within a few seconds")
  func stopped() async throws {
    try await Fixture.with { store in
      try await store.database.withConnection { stopped in
        try await stopped.execute("BEGIN")
        #expect(try await stopped.query(SequencerStore.lock).count == 1)
        let patience = try await stopped.value(
          "SELECT current_setting('idle_in_transaction_session_timeout')", String.self)
        #expect(patience == "3s")
        #expect(try await store.sequencer.fold(limit: 10) == nil)
        #expect(try await eventually { try await store.sequencer.fold(limit: 10) != nil })
      }
    }
  }

  @Test("says why nothing is counted, as long as that is so")
  func failure() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let diagnosis = DiagnosisStore(pool: store.pool)
      try await store.complete(try await store.claim(1))
      try await store.execute(
        """
        INSERT INTO backfill.tally (backfill_id, committed_at, measures)
          VALUES (\(backfill), now(), '{"not": "a list"}')
        """)
      do {
        _ = try await store.sequencer.fold(limit: 10)
        Issue.record("It was folded.")
      } catch {
        try await store.sequencer.noteFailure("\(error)")
      }
      let failure = try await diagnosis.findServer().foldFailure
      #expect(failure?.contains("foldTallies") == true)
      let progress = ProgressStore(pool: store.pool)
      #expect(try await progress.findProgress(of: backfill)?.facts.foldFailure == failure)
      try await store.execute("DELETE FROM backfill.tally WHERE measures IS NOT NULL")
      try await store.fold()
      #expect(try await diagnosis.findServer().foldFailure == nil)
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
    }
  }

  @Test("leaves the pass to whoever folds already")
  func busy() async throws {
    try await Fixture.with { store in
      try await store.database.withConnection { holder in
        try await holder.execute("BEGIN; SELECT FROM backfill.sequencer FOR UPDATE")
        #expect(try await store.sequencer.fold(limit: 10) == nil)
        try await holder.execute("ROLLBACK")
        #expect(try await store.sequencer.fold(limit: 10) != nil)
      }
    }
  }

  @Test(
    "ends a backfill in the state that its partitions tell",
    arguments: [
      ([true, true, true], BackfillState.succeeded), ([true, false, true], .partiallyFailed),
      ([false, false, false], .failed),
    ])
  func ends(_ succeed: [Bool], _ state: BackfillState) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: succeed.count)
      for (claimed, succeeds) in zip(try await store.claim(9), succeed) {
        #expect(try await store.sequencer.fold(limit: 10)?.ended.isEmpty == true)
        #expect(try await store.backfills.findBackfill(backfill)?.state == .running)
        if succeeds {
          try await store.complete([claimed])
        } else {
          try await store.end(claimed, next: .fail)
        }
      }
      let ended = try #require(try await store.sequencer.fold(limit: 10)).ended
      #expect(ended.map(\.id) == [backfill])
      #expect(ended.map(\.state) == [state])
      #expect(ended.map(\.stream) == ["shop.orders"])
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == state)
      #expect(row.finishedAt != nil)
      #expect(row.startedAt != nil)
      #expect(try await store.sequencer.fold(limit: 10)?.ended.isEmpty == true)
      let lanes = try await store.value("SELECT count(*) FROM backfill.lane", Int64.self)
      #expect(lanes == 0)
    }
  }

  @Test("ends a paused backfill when what ran of it was the last, and leaves a cancelled one")
  func pausedAndCancelled() async throws {
    try await Fixture.with { store in
      let paused = try await store.submit(days: 2)
      let claimed = try await store.claim(2)
      _ = try await store.control.pauseBackfill(paused)
      try await store.complete(claimed)
      try await store.fold()
      #expect(try await store.backfills.findBackfill(paused)?.state == .succeeded)
      let cancelled = try await store.submit(days: 3)
      try await store.complete(try await store.claim(1))
      try await store.end(try await store.claimOne(), next: .fail)
      _ = try await store.control.cancelBackfill(cancelled)
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(cancelled))
      #expect(row.state == .cancelled)
      #expect(row.counts == PartitionCounts([.succeeded: 1, .failed: 1, .cancelled: 1]))
    }
  }

  private static func write(
    _ batches: Int, to partition: ClaimedPartition, of store: Fixture, seed: Int
  ) async throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let stage = StageBuffer()
    for sequence in 1...batches {
      let records = (0..<5).map { _ in
        record(
          "k\(Int.random(in: 0...40, using: &generator))",
          v: sequence, amount: "\(Int.random(in: -9...9, using: &generator)).5")
      }
      let order = try store.order(
        partition, records, sequence: Int32(sequence), cursor: "\(sequence)",
        end: sequence == batches ? .succeeded : nil)
      try await store.retrying {
        let answer = try await store.commits.commit(order, staging: stage)
        guard case .committed = answer else {
          #expect(answer == .repeated, "seed \(seed)")
          return
        }
      }
    }
  }

  private static func fold(_ store: Fixture, limit: Int) async throws -> Int {
    var passes = 0
    while !Task.isCancelled {
      do {
        if try await store.sequencer.fold(limit: limit) != nil { passes += 1 }
      } catch {
        // A pass whose commit is in doubt is either there or not; the next goes on from what is.
        let isExpected = error.retryAdvice != .never || error.commitOutcomeUnknown
        guard Task.isCancelled || isExpected else { throw error }
      }
    }
    return passes
  }

  /// Kills whatever server process is seen in the middle of a pass.
  private static func kill(_ store: Fixture) async throws -> Int {
    try await store.database.withConnection { connection in
      try await connection.execute("SELECT setseed(0.5)")
      while !Task.isCancelled {
        do {
          try await connection.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND random() < 0.1 AND backend_xid IS NOT NULL
                AND (query LIKE '/* foldTallies */%' OR query LIKE '/* moveSequencer */%'
                  OR query LIKE '/* finishBackfill */%')
            """)
        } catch {
          guard Task.isCancelled else { throw error }
        }
      }
    }
    return 0
  }
}

extension Fixture {
  /// Every batch must have a position, without gaps, and those of a partition in their order.
  func expectPositionsInOrder(count: Int64) async throws {
    let isDense = try await value(
      """
      SELECT count(*) = \(count) AND min(position) = 1 AND max(position) = \(count)
          AND count(DISTINCT position) = \(count) FROM backfill.batch
      """, Bool.self)
    #expect(isDense)
    let isInOrder = try await value(
      """
      SELECT bool_and(sequence = n) FROM (
        SELECT sequence, row_number() OVER (
            PARTITION BY backfill_id, number ORDER BY position) AS n FROM backfill.batch) AS b
      """, Bool.self)
    #expect(isInOrder)
  }
}
