import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The end of an attempt")
struct SettlingTests {
  @Test(
    "says in the history what it was, and what becomes of the partition",
    arguments: [
      (AttemptEnd.Outcome.failed, AttemptEnd.Next.wait(0), PartitionState.ready),
      (.failed, .wait(3_600_000_000), .waiting), (.failed, .fail, .failed),
      (.rateLimited, .wait(3_600_000_000), .waiting), (.released, .wait(0), .ready),
    ])
  func ends(
    _ outcome: AttemptEnd.Outcome, _ next: AttemptEnd.Next, _ state: PartitionState
  ) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("a")], cursor: "1")
      #expect(try await store.end(claimed, outcome, next: next, failures: 3, requests: 7))
      let row = try await store.partition(1, of: backfill)
      #expect(row.state == state)
      #expect((row.failures, row.kind, row.message) == (3, "test", "broke"))
      #expect(row.requests == 8)
      #expect(row.checkpoint == "1")
      #expect((row.finishedAt != nil) == (state == .failed))
      let attempts = try await store.backfills.listAttempts(of: backfill, partition: nil, limit: 9)
      #expect(attempts.map(\.outcome) == [outcome.rawValue])
      #expect(attempts.map(\.batches) == [1])
      #expect(attempts.map(\.attempt) == [1])
      #expect(attempts.map(\.startedAt) == [claimed.claimedAt])
      #expect(attempts.first?.workerName == "test:1")
      try await store.fold()
      let folded = try #require(try await store.backfills.findBackfill(backfill))
      #expect(folded.requests == 8)
      #expect(folded.counts[.failed] == (state == .failed ? 1 : 0))
      #expect(folded.state == (state == .failed ? .failed : .running))
    }
  }

  @Test("tells which partitions were lost twice in a row, whatever was given back between")
  func repeatedlyLost() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 4)
      let ends: [[AttemptEnd.Outcome]] = [
        [.lost, .released, .rateLimited, .lost, .released], [.lost], [.lost, .failed, .lost],
        [.failed, .lost, .lost],
      ]
      var ids: [PartitionID] = []
      for outcomes in ends {
        for (index, outcome) in outcomes.enumerated() {
          // What is tried again comes first, so that it is the same partition each time.
          let claimed = try await store.claimOne(lease: outcome == .lost ? 0 : 60)
          let isLast = index == outcomes.count - 1
          #expect(try await store.end(claimed, outcome, next: isLast ? .fail : .wait(0)))
          if ids.last != claimed.id { ids.append(claimed.id) }
        }
      }
      #expect(ids.count == 4)
      #expect(try await store.partitions.findRepeatedlyLost(ids) == [ids[0], ids[3]])
      #expect(try await store.partitions.findRepeatedlyLost([]).isEmpty)
    }
  }

  @Test("happens under the fence of the claim only, and once")
  func fence() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let first = try await store.claimOne()
      #expect(try await store.end(first))
      let between = try await store.database.snapshot(withTransactions: true)
      #expect(try await !store.end(first))
      #expect(try await store.complete([first]).isEmpty)
      #expect(try await store.database.snapshot(withTransactions: true) == between)
      let second = try await store.claimOne()
      #expect(second.fence > first.fence)
      #expect(second.attempt == 2)
      let running = try await store.database.snapshot(withTransactions: true)
      for fence in [first.fence, second.fence - 1, second.fence + 1] {
        var wrong = second
        wrong.fence = fence
        #expect(try await !store.end(wrong))
        #expect(try await store.complete([wrong]).isEmpty)
      }
      #expect(try await store.database.snapshot(withTransactions: true) == running)
      _ = try await store.control.cancelBackfill(backfill)
      #expect(try await !store.end(second))
      #expect(try await store.complete([second]).isEmpty)
      let outcomes = try await store.backfills.listAttempts(of: backfill, partition: 1, limit: 9)
      #expect(outcomes.map(\.outcome) == ["failed", "cancelled"])
    }
  }

  @Test("of many is one statement, and passes over those that are no longer held")
  func many() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 50)
      let claimed = try await store.claim(50)
      #expect(claimed.map(\.id.number) == Array(1...50))
      try await store.end(claimed[7])
      let done = try await store.complete(claimed, requests: 2)
      #expect(Set(done) == Set(claimed.map(\.id)).subtracting([claimed[7].id]))
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.counts[.succeeded] == 49)
      #expect(row.requests == 98)
      let tallies = try await store.value("SELECT count(*) FROM backfill.attempt", Int64.self)
      #expect(tallies == 50)
    }
  }

  @Test("of a partition without records is refused once its lease ran out")
  func expired() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      try await store.expire()
      #expect(try await store.complete([claimed]).isEmpty)
      // Who failed may still say so: nobody else has the partition.
      #expect(try await store.end(claimed))
    }
  }

  @Test("of a partition without records is refused when the lease ran out behind a lock")
  func expiredWhileWaiting() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne(lease: 2)
      let done = try await store.database.withConnection { holder in
        try await holder.execute("BEGIN; SELECT FROM backfill.partition FOR UPDATE")
        async let done = store.complete([claimed])
        #expect(try await store.eventuallyWaiting(1))
        let isOver = try await eventually {
          try await store.value(
            "SELECT lease_until < clock_timestamp() FROM backfill.partition", Bool.self)
        }
        #expect(isOver)
        try await holder.execute("ROLLBACK")
        return try await done
      }
      #expect(done.isEmpty)
    }
  }

  @Test("by the rescuer comes only after the lease, and counts failures by progress")
  func lost() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3)
      let claimed = try await store.claim(3)
      _ = try await store.commit(claimed[1], [record("a")], cursor: "1")
      #expect(try await store.partitions.findLostPartitions(limit: 9, leaseSeconds: 0).isEmpty)
      // An end that was decided on too early does nothing.
      let early = AttemptEnd(
        held: HeldPartition(id: claimed[0].id, fence: claimed[0].fence), outcome: .lost,
        next: .wait(0), failures: 1, kind: "lost", message: nil, requests: 0)
      #expect(try await store.partitions.endAttempts([early]).isEmpty)
      try await store.execute(
        """
        UPDATE backfill.partition SET lease_until = clock_timestamp() - interval '1 microsecond'
          WHERE number < 3
        """)
      // Not while the server is up for less than a lease.
      #expect(
        try await store.partitions.findLostPartitions(limit: 9, leaseSeconds: 1e6).isEmpty)
      let lost = try await store.partitions.findLostPartitions(limit: 9, leaseSeconds: 0)
      #expect(lost.map(\.held.id.number).sorted() == [1, 2])
      #expect(lost.map(\.madeProgress).filter { $0 }.count == 1)
      #expect(lost.first { $0.madeProgress }?.held.id.number == 2)
      #expect(lost.allSatisfy { $0.workerLabel == "test:1" && $0.stream == "shop.orders" })
      #expect(try await store.partitions.findLostPartitions(limit: 1, leaseSeconds: 0).count == 1)
      #expect(try await store.rescueLost() == 2)
      #expect(try await store.partition(3, of: backfill).state == .running)
      #expect(try await store.claim(9).map(\.id.number).sorted() == [1, 2])
    }
  }

  @Test("is written into the history once, and never touched again")
  func history() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 4)
      var known: [String] = []
      var generator = SeededGenerator(seed: 7)
      for _ in 0..<60 {
        for partition in try await store.claim(4) {
          switch Int.random(in: 0...3, using: &generator) {
          case 0: try await store.end(partition)
          case 1: try await store.end(partition, .released)
          case 2:
            _ = try await store.commit(partition, [record("a")], cursor: "1")
            try await store.end(partition, .rateLimited)
          default:
            try await store.expire()
            try await store.rescueLost()
          }
        }
        let rows =
          try await store.database.snapshot(withTransactions: true)["attempt_default"] ?? []
        #expect(Set(known).isSubset(of: rows))
        #expect(rows.count > known.count)
        known = rows
      }
      let attempts = try await store.value(
        """
        SELECT bool_and(n = attempt) FROM (
          SELECT attempt, row_number() OVER (PARTITION BY number ORDER BY fence) AS n
            FROM backfill.attempt) AS a
        """, Bool.self)
      #expect(attempts)
    }
  }

  @Test("keeps what a hostile source said, as far as text can hold it")
  func hostileMessage() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      #expect(
        try await store.end(claimed, next: .fail, message: "bad \u{0} '); DROP TABLE \u{FFFD}"))
      let row = try await store.partition(1, of: backfill)
      #expect(row.message == "bad \u{FFFD} '); DROP TABLE \u{FFFD}")
    }
  }
}
