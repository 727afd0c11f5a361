import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("Splits at once with everything else")
struct SplitRaceTests {
  @Test(
    "leave parts that tile the window, counts that add up, and nothing behind a frontier",
    arguments: [ClaimOrder.oldest, .newest])
  func everything(_ order: ClaimOrder) async throws {
    let claimers = 6
    try await Fixture.with(connections: claimers + 3) { store in
      let backfill = try await store.submit(days: 40, order: order)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seed in 0..<claimers {
          group.addTask { try await Self.work(on: store, backfill, seed: UInt64(seed)) }
        }
        group.addTask { try await Self.steer(store, backfill) }
        group.addTask {
          while try await !Self.hasEnded(store, backfill) {
            _ = try await store.sequencer.fold(limit: 100)
            try await store.sequencer.advanceFrontiers()
          }
        }
        try await group.waitForAll()
      }
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .succeeded)
      #expect(row.counts[.replaced] > 10)
      #expect(row.total > 50)
      try await store.expectPartitionCounts(backfill)
      try await store.expectTiling(backfill)
      #expect(
        try await store.value(
          "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", Int64.self)
          == 0)
    }
  }

  @Test("are judged after the locks were waited for: a lease that ran out meanwhile is refused")
  func lateLease() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      try await store.database.withConnection { holder in
        try await holder.execute("BEGIN; SELECT FROM backfill.backfill FOR NO KEY UPDATE")
        async let answer = store.split(claimed, at: [12])
        #expect(try await store.eventuallyWaiting(1))
        try await store.expire()
        try await holder.execute("COMMIT")
        #expect(try await answer == .expired)
      }
      #expect(try await store.backfills.findBackfill(backfill)?.total == 1)
    }
  }

  @Test("wait for a cancel that came first, and then split nothing")
  func cancelFirst() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      let claimed = try await store.claimOne()
      try await store.database.withConnection { holder in
        // Holds up the cancel behind the lock of the backfill, and the split behind the cancel.
        try await holder.execute("BEGIN; SELECT FROM backfill.partition FOR NO KEY UPDATE")
        async let cancelled = store.control.cancelBackfill(backfill)
        #expect(try await store.eventuallyWaiting(1))
        async let answer = store.split(claimed, at: [12])
        #expect(try await store.eventuallyWaiting(2))
        try await holder.execute("COMMIT")
        #expect(try await cancelled == .done(partitions: 2))
        #expect(try await answer == .fenced)
      }
      try await store.expectPartitionCounts(backfill)
    }
  }

  @Test("that die before they end leave nothing, and the partition is split by the next")
  func killed() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      try await store.database.withConnection { holder in
        try await holder.execute("BEGIN; SELECT FROM backfill.lane FOR NO KEY UPDATE")
        let splitting = Task { try await store.split(claimed, at: [12]) }
        #expect(try await store.eventuallyWaiting(1))
        _ = try await store.database.withConnection { killer in
          try await killer.value(
            """
            SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_activity
              WHERE query LIKE '/* splitPartition%' AND datname = current_database()
            """, Bool.self)
        }
        await #expect(throws: PostgresError.self) { try await splitting.value }
        try await holder.execute("COMMIT")
      }
      #expect(try await store.backfills.findBackfill(backfill)?.total == 1)
      #expect(try await store.split(claimed, at: [12]) == .split(into: [2, 3]))
      try await store.finish(backfill)
      try await store.expectPartitionCounts(backfill)
      try await store.expectTiling(backfill)
    }
  }

  /// Claims, splits, completes, fails, gives back and loses partitions at random, until all is done.
  private static func work(
    on store: Fixture, _ backfill: BackfillID, seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: seed)
    while try await !hasEnded(store, backfill) {
      for claimed in try await store.claim(Int.random(in: 1...4, using: &generator)) {
        let from = claimed.window.from.microseconds(since: Fixture.start) / 3_600_000_000
        let hours = Int(claimed.window.to.microseconds(since: claimed.window.from) / 3_600_000_000)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...4 where hours > 6:
          let cut = Int(from) + Int.random(in: 1..<hours, using: &generator)
          let parent: PartitionSplit.Parent = generator.oneIn(3) ? .doneUpToFirstCut : .replaced
          _ = try await store.split(claimed, at: [cut], parent)
        case 5: try await store.end(claimed, next: .fail)
        case 6: try await store.end(claimed, .released)
        default: try await store.complete([claimed])
        }
      }
    }
  }

  /// Cancels and retries at random, and retries what failed until nothing does.
  private static func steer(_ store: Fixture, _ backfill: BackfillID) async throws {
    var generator = SeededGenerator(seed: 77)
    var cancels = 0
    while true {
      let row = try #require(try await store.backfills.findBackfill(backfill))
      if row.state == .succeeded { return }
      if row.state == .running, cancels < 5, generator.oneIn(40) {
        cancels += 1
        _ = try await store.control.cancelBackfill(backfill)
      } else {
        _ = try await store.control.retryBackfill(backfill, partitions: nil)
      }
    }
  }

  private static func hasEnded(_ store: Fixture, _ backfill: BackfillID) async throws -> Bool {
    try await store.value(
      "SELECT state = 'succeeded' FROM backfill.backfill WHERE id = \(backfill)", Bool.self)
  }
}

extension Fixture {
  /// Expects that the backfill counts its partitions as they are.
  func expectPartitionCounts(_ backfill: BackfillID) async throws {
    let isRight = try await value(
      """
      SELECT (b.total, b.succeeded, b.failed, b.replaced, b.cancelled) = (
          SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'),
              count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'replaced'),
              count(*) FILTER (WHERE state = 'cancelled')
            FROM backfill.partition WHERE backfill_id = b.id)
        FROM backfill.backfill b WHERE b.id = \(backfill)
      """, Bool.self)
    #expect(isRight)
    #expect(
      try await value(
        """
        SELECT max(number) = count(*) AND min(number) = 1 FROM backfill.partition
          WHERE backfill_id = \(backfill)
        """, Bool.self))
  }

  /// Expects that the partitions that succeeded cover the window without gap or overlap.
  func expectTiling(_ backfill: BackfillID) async throws {
    #expect(
      try await value(
        """
        SELECT range_agg(tstzrange(p.from_at, p.to_at))
              = tstzmultirange(tstzrange(min(b.from_at), min(b.to_at)))
            AND sum(p.to_at - p.from_at) = min(b.to_at) - min(b.from_at)
          FROM backfill.backfill b JOIN backfill.partition p ON p.backfill_id = b.id
          WHERE b.id = \(backfill) AND p.state = 'succeeded'
        """, Bool.self))
  }
}
